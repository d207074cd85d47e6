-- Searches that leave tick evidence out (nearly all of a busy log) must not read through it. A partial index: Prisma's schema cannot name one.
CREATE INDEX "ledger_entry_but_ticks_idx" ON "ledger_entry"("index") WHERE "kind" <> 'session.segment';
