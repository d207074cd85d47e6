-- Actions that wait for a human or were decided, and the webhooks that are told of it. What the ledger says of an action counts; these rows find it and
-- keep what it is about, sealed.
CREATE TABLE "action" (
    "id" UUID NOT NULL,
    "tenant" TEXT NOT NULL,
    "state" TEXT NOT NULL,
    "kind" TEXT NOT NULL,
    "tool" TEXT NOT NULL,
    "digest" TEXT NOT NULL,
    "session" UUID,
    "asker" TEXT NOT NULL,
    "person" TEXT NOT NULL,
    "subject" TEXT NOT NULL,
    "content" TEXT NOT NULL,
    "decision" TEXT NOT NULL,
    "asked_at" TIMESTAMPTZ(3) NOT NULL,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,
    "webhook" UUID,
    "entry" UUID NOT NULL,
    "recorded" BOOLEAN NOT NULL,
    "verdict" TEXT,
    "decider" TEXT,
    "decided_at" TIMESTAMPTZ(3),
    "edited_digest" TEXT,
    "outcome" TEXT,
    "decider_words" TEXT,
    "used_at" TIMESTAMPTZ(3),

    CONSTRAINT "action_pkey" PRIMARY KEY ("id")
);

CREATE INDEX "action_tenant_asked_at_idx" ON "action"("tenant", "asked_at");
CREATE INDEX "action_person_asked_at_idx" ON "action"("person", "asked_at");
CREATE INDEX "action_state_asked_at_idx" ON "action"("state", "asked_at");
CREATE INDEX "action_session_asked_at_idx" ON "action"("session", "asked_at");
CREATE INDEX "action_recorded_idx" ON "action"("recorded");

CREATE TABLE "webhook" (
    "id" UUID NOT NULL,
    "person" TEXT NOT NULL,
    "tenant" TEXT NOT NULL,
    "endpoint" TEXT NOT NULL,
    "inside" BOOLEAN NOT NULL,
    "description" TEXT NOT NULL,
    "enabled" BOOLEAN NOT NULL,
    "secret" INTEGER NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "rotated_at" TIMESTAMPTZ(3),
    "removed_at" TIMESTAMPTZ(3),

    CONSTRAINT "webhook_pkey" PRIMARY KEY ("id")
);

CREATE INDEX "webhook_person_idx" ON "webhook"("person");

CREATE TABLE "webhook_delivery" (
    "id" UUID NOT NULL,
    "webhook" UUID NOT NULL,
    "action" UUID,
    "body" TEXT NOT NULL,
    "state" TEXT NOT NULL,
    "attempts" INTEGER NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "last_at" TIMESTAMPTZ(3),
    "last_error" TEXT,
    "next_at" TIMESTAMPTZ(3),

    CONSTRAINT "webhook_delivery_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "webhook_delivery_webhook_fkey" FOREIGN KEY ("webhook") REFERENCES "webhook"("id") ON DELETE CASCADE ON UPDATE CASCADE
);

CREATE INDEX "webhook_delivery_webhook_created_at_idx" ON "webhook_delivery"("webhook", "created_at");
CREATE INDEX "webhook_delivery_next_at_idx" ON "webhook_delivery"("next_at");
