-- Heads as they were published: with the cosignatures of the witnesses, the first quorum of each size.
CREATE TABLE "ledger_cosigned_head" (
    "size" BIGINT NOT NULL,
    "checkpoint" TEXT NOT NULL,
    "cosigned_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "ledger_cosigned_head_pkey" PRIMARY KEY ("size")
);

CREATE TRIGGER "ledger_cosigned_head_append_only" BEFORE UPDATE OR DELETE OR TRUNCATE ON "ledger_cosigned_head" FOR EACH STATEMENT EXECUTE FUNCTION "ledger_is_append_only"();
ALTER TABLE "ledger_cosigned_head" ENABLE ALWAYS TRIGGER "ledger_cosigned_head_append_only";
