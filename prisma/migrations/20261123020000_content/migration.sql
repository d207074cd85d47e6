-- Content beside the ledger: keys of data subjects, and what they seal.

-- Which master key wraps the subjects' keys: a digest of it, so that another one is noticed at start.
CREATE TABLE "master_key" (
    "fingerprint" TEXT NOT NULL,
    "first_used_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "master_key_pkey" PRIMARY KEY ("fingerprint")
);

CREATE TABLE "subject_key" (
    "id" UUID NOT NULL,
    "subject" TEXT NOT NULL,
    "living" TEXT,
    "wrapped" BYTEA NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "destroyed_at" TIMESTAMPTZ(3),

    CONSTRAINT "subject_key_pkey" PRIMARY KEY ("id")
);

CREATE TABLE "content_piece" (
    "id" UUID NOT NULL,
    "session" UUID NOT NULL,
    "subject" TEXT NOT NULL,
    "what" TEXT NOT NULL,
    "from_ms" INTEGER NOT NULL,
    "to_ms" INTEGER NOT NULL,
    "key_id" UUID NOT NULL,
    "sealed" BYTEA NOT NULL,
    "digest" TEXT NOT NULL,
    "retention" TEXT NOT NULL,
    "retain_until" TIMESTAMPTZ(3) NOT NULL,
    "committed" BOOLEAN NOT NULL DEFAULT false,
    "gone" TEXT,

    CONSTRAINT "content_piece_pkey" PRIMARY KEY ("id")
);

-- Erasures that the ledger holds and that were carried out here as well. What is missing is carried out at the next start.
CREATE TABLE "erasure_done" (
    "erasure" UUID NOT NULL,
    "done_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "erasure_done_pkey" PRIMARY KEY ("erasure")
);

CREATE UNIQUE INDEX "subject_key_living_key" ON "subject_key"("living");
CREATE INDEX "subject_key_subject_idx" ON "subject_key"("subject");
CREATE INDEX "content_piece_session_from_ms_idx" ON "content_piece"("session", "from_ms");
CREATE INDEX "content_piece_subject_idx" ON "content_piece"("subject");
CREATE INDEX "content_piece_gone_retain_until_idx" ON "content_piece"("gone", "retain_until");
CREATE INDEX "content_piece_committed_idx" ON "content_piece"("committed");
