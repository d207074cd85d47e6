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

-- The ledger grows by this alone: one statement, one transaction, one way to the database and back. Answers the number of entries that it found; where
-- that is not `p_from`, nothing was done. The lock keeps two writers from taking the same place.
CREATE FUNCTION "ledger_append"(
    p_from BIGINT, p_ids UUID[], p_kinds TEXT[], p_subjects TEXT[], p_bodies TEXT[], p_leaf_hashes BYTEA[], p_openings TEXT[], p_words TEXT[],
    p_ats TIMESTAMPTZ[], p_persons TEXT[], p_levels INTEGER[], p_indexes BIGINT[], p_hashes BYTEA[]
) RETURNS BIGINT LANGUAGE plpgsql AS $$
DECLARE
    size BIGINT;
BEGIN
    PERFORM pg_advisory_xact_lock(1818584167);
    SELECT COALESCE(MAX("index") + 1, 0) INTO size FROM "ledger_entry";
    IF size = p_from THEN
        INSERT INTO "ledger_entry" ("index", "id", "kind", "subject", "body", "leaf_hash", "opening", "words", "at", "person")
            SELECT p_from + place - 1, id, kind, subject, body, leaf_hash, opening, words, at, person
            FROM unnest(p_ids, p_kinds, p_subjects, p_bodies, p_leaf_hashes, p_openings, p_words, p_ats, p_persons)
                WITH ORDINALITY AS entry (id, kind, subject, body, leaf_hash, opening, words, at, person, place);
        INSERT INTO "ledger_tile" ("level", "index", "hashes") SELECT * FROM unnest(p_levels, p_indexes, p_hashes);
    END IF;
    RETURN size;
END
$$;
