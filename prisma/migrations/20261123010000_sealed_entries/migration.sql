-- Entries of version 2: the leaf holds a commitment to the fields, the fields with their salts stand beside it.
DO $$
BEGIN
    IF EXISTS (SELECT 1 FROM "ledger_entry") THEN
        RAISE EXCEPTION 'This ledger was written by a version of Wheelhouse before the first release, and its entries cannot be sealed afterwards. Keep its data folder for verify of that version, and start with a fresh one.';
    END IF;
END
$$;

ALTER TABLE "ledger_entry" ADD COLUMN "opening" TEXT NOT NULL;
ALTER TABLE "ledger_entry" ADD COLUMN "words" TEXT;

-- For searching: when, and by whom (null where the server itself acted).
ALTER TABLE "ledger_entry" ADD COLUMN "at" TIMESTAMPTZ(3) NOT NULL;
ALTER TABLE "ledger_entry" ADD COLUMN "person" TEXT;
CREATE INDEX "ledger_entry_at_idx" ON "ledger_entry" USING BRIN ("at");
CREATE INDEX "ledger_entry_person_index_idx" ON "ledger_entry"("person", "index");
