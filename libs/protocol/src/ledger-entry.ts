import { z } from 'zod';
import { Actor, KeyScope, Role } from './identity.ts';
import { Level } from './level.ts';
import { LATCH_KINDS, SessionEffect } from './order.ts';
import { Scope } from './scope.ts';

const base64 = z.base64();
const envelope = { v: z.literal(1), id: z.uuid(), time: z.iso.datetime(), by: Actor };

function entry<K extends string, S extends z.ZodRawShape>(kind: K, shape: S) {
  return z.strictObject({ ...envelope, kind: z.literal(kind), data: z.strictObject(shape) });
}

/**
 * What the ledger holds: a tagged union, version 1. Personal content never enters it; of a whisper only the digest.
 * All hashes are SHA-256, in base64.
 */
export const LedgerEntry = z.discriminatedUnion('kind', [
  entry('server.started', { version: z.string(), node: z.string(), stoppedCleanly: z.boolean() }),
  entry('server.stopped', { node: z.string() }),
  entry('person.joined', { person: z.string(), role: Role, tenant: z.string() }),
  entry('key.issued', { key: z.string(), scopes: z.array(KeyScope), tenant: z.string() }),
  entry('key.revoked', { key: z.string() }),
  entry('session.opened', { session: z.uuid(), tenant: z.string(), deployment: z.string(), model: z.string(), level: Level }),
  /** `lost`: ticks whose evidence a crash took; 0 otherwise. */
  entry('session.attached', { session: z.uuid(), fromTick: z.number().int(), previous: base64, lost: z.number().int() }),
  /** One second of ticks. `ticks` are their digests in order; `out.last` is the last engine frame that left so far, `out.first` the one before the segment. */
  entry('session.segment', {
    session: z.uuid(),
    fromTick: z.number().int(),
    toTick: z.number().int(),
    previous: base64,
    ticks: z.array(base64),
    head: base64,
    out: z.strictObject({ first: z.number().int(), last: z.number().int() }),
    withheld: z.number().int(),
    late: z.number().int(),
  }),
  entry('session.ended', { session: z.uuid(), lastTick: z.number().int(), head: base64, reason: z.string() }),
  entry('order.given', {
    order: z.uuid(),
    number: z.number().int(),
    kind: z.enum([...LATCH_KINDS, 'whisper']),
    scope: Scope,
    reason: z.string(),
    level: Level.optional(),
    /** Digest of a whisper's text. */
    text: base64.optional(),
    receivedAt: z.iso.datetime(),
    gateClosedUs: z.number(),
    lastByteUs: z.number().nullable(),
    /** How many sessions it covered when it was given; what it met in each follows in `order.applied`. */
    covered: z.number().int(),
  }),
  /** What an order met in up to 300 of the sessions that it covered. `part` counts from 1. */
  entry('order.applied', { order: z.uuid(), part: z.number().int(), sessions: z.array(SessionEffect).max(300) }),
  entry('release.asked', { release: z.uuid(), latch: z.uuid(), reason: z.string() }),
  entry('release.withdrawn', { release: z.uuid(), latch: z.uuid() }),
  /** Written before the latch opens; `by` is the person who confirmed. */
  entry('latch.released', { release: z.uuid(), latch: z.uuid(), askedBy: z.string() }),
]);
export type LedgerEntry = z.infer<typeof LedgerEntry>;
export type LedgerEntryKind = LedgerEntry['kind'];

/** `GET /v1/ledger/entries/:index`: an entry's canonical bytes as text, its leaf hash, and where it stands. */
export const StoredEntry = z.object({ index: z.number().int(), body: z.string(), leafHash: base64 });
export type StoredEntry = z.infer<typeof StoredEntry>;

/** An inclusion proof of `index` in the tree of `size`, or a consistency proof from `size` to a later one; hashes bottom up. */
export const InclusionProof = z.object({
  index: z.number().int(),
  size: z.number().int(),
  leafHash: base64,
  hashes: z.array(base64),
  checkpoint: z.string(),
});
export type InclusionProof = z.infer<typeof InclusionProof>;
export const ConsistencyProof = z.object({ from: z.number().int(), to: z.number().int(), hashes: z.array(base64) });
export type ConsistencyProof = z.infer<typeof ConsistencyProof>;
