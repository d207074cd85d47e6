import { z } from 'zod';
import { Actor, KeyScope, Role } from './identity.ts';
import { Level } from './level.ts';
import { LATCH_KINDS, SessionEffect } from './order.ts';
import { Scope } from './scope.ts';

const base64 = z.base64();
const count = z.number().int();

/** The version of the entries' schema that is written now. */
export const ENTRY_VERSION = 2;

/** What stands in every entry. Of these, `v`, `id` and `kind` are in the leaf in plain words; everything else is a salted commitment. */
const envelope = {
  v: z.literal(ENTRY_VERSION),
  id: z.uuid(),
  /** By the wall clock of the server that made the entry. Order comes from the place in the ledger, not from here. */
  time: z.iso.datetime(),
  /** Microseconds since that server started, by a clock that never steps: restarts at each `server.started`. */
  clock: count.min(0),
  by: Actor,
  /** The entry that led to this one. */
  cause: z.uuid().optional(),
  /** The rules under which a human's act was decided. Absent from what was not decided but observed. */
  policy: z.string().max(200).optional(),
  charter: z.string().max(200).optional(),
};

/** Session effects, at most 300 an entry. */
const effects = z.array(SessionEffect).max(300);

/** What each kind of entry says. Personal content never enters the ledger, only its digest. All hashes are SHA-256, in base64. */
const KINDS = {
  'server.started': { version: z.string(), node: z.string(), stoppedCleanly: z.boolean() },
  'server.stopped': { node: z.string() },
  /** The wall clock was set: `byMs` is how far it jumped against the clock that never steps. */
  'clock.stepped': { byMs: count },
  'person.joined': { person: z.string(), role: Role, tenant: z.string() },
  'key.issued': { key: z.string(), scopes: z.array(KeyScope), tenant: z.string() },
  'key.revoked': { key: z.string() },
  /** `record`: what of its content is kept, and on what ground; absent where nothing is. */
  'session.opened': {
    session: z.uuid(),
    tenant: z.string(),
    deployment: z.string(),
    model: z.string(),
    level: Level,
    subject: z.string(),
    record: z.strictObject({ what: z.array(z.string()), retention: z.string(), consent: z.string() }).optional(),
  },
  /** `lost`: ticks whose evidence a crash took; 0 otherwise. */
  'session.attached': { session: z.uuid(), fromTick: count, previous: base64, lost: count },
  /** One second of ticks. `ticks` are their digests in order; `out.last` is the last engine frame that left so far, `out.first` the one before the segment. */
  'session.segment': {
    session: z.uuid(),
    fromTick: count,
    toTick: count,
    previous: base64,
    ticks: z.array(base64),
    head: base64,
    out: z.strictObject({ first: count, last: count }),
    withheld: count,
    late: count,
  },
  'session.ended': { session: z.uuid(), lastTick: count, head: base64, reason: z.string() },
  'order.given': {
    order: z.uuid(),
    number: count,
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
    covered: count,
  },
  /** What an order met in up to 300 of the sessions that it covered: its gates closed in these ticks. `part` counts from 1. */
  'order.applied': { order: z.uuid(), part: count, sessions: effects },
  /** What was seen afterwards: by `tick`, of each session that the order silenced, the last frame that had left. */
  'order.observed': { order: z.uuid(), part: count, sessions: effects },
  'release.asked': { release: z.uuid(), latch: z.uuid(), reason: z.string() },
  'release.withdrawn': { release: z.uuid(), latch: z.uuid() },
  /** Written before the latch opens; `by` is the person who confirmed. */
  'latch.released': { release: z.uuid(), latch: z.uuid(), askedBy: z.string() },
  /** Gates that opened for a release, and in which tick. Sessions that other latches keep closed are not among them. */
  'release.applied': { release: z.uuid(), part: count, sessions: effects },
  /** A piece of recorded content was stored: its digest (of the plain bytes), and where it belongs. Times are milliseconds of the session. */
  'content.kept': {
    content: z.uuid(),
    session: z.uuid(),
    subject: z.string(),
    what: z.string(),
    fromMs: count,
    toMs: count,
    digest: base64,
    retainUntil: z.iso.datetime(),
  },
  /** Content whose time had come was deleted. */
  'content.expired': { content: z.array(z.uuid()).max(500), retention: z.string() },
  /** Somebody looked at, or listened to, what was kept of a session. */
  'content.read': { session: z.uuid(), what: z.string(), pieces: count },
  'erasure.asked': { erasure: z.uuid(), subject: z.string(), reason: z.string() },
  'erasure.withdrawn': { erasure: z.uuid() },
  /** The key of a data subject was destroyed: nothing kept about that person can be read any more. `by` is the person who confirmed. */
  'subject.erased': { erasure: z.uuid(), subject: z.string(), askedBy: z.string(), pieces: count },
  'hold.placed': { hold: z.uuid(), subject: z.string().optional(), session: z.uuid().optional(), reason: z.string() },
  'hold.lifted': { hold: z.uuid(), reason: z.string() },
  /** An export was asked for: what it covers, what it shows, and who will have it. */
  'export.asked': {
    export: z.uuid(),
    format: z.string(),
    /** Which report was asked for; absent where the entries themselves were. */
    report: z.string().optional(),
    profile: z.string(),
    filter: z.record(z.string(), z.json()),
    reason: z.string(),
  },
  /** Written before an export that shows everything is made; `by` is the second person. */
  'export.confirmed': { export: z.uuid(), askedBy: z.string() },
  /** It was made: its digest, and the tree head that it was made against. */
  'export.made': { export: z.uuid(), digest: base64, bytes: count, entries: count, treeSize: count, root: base64 },
  'export.failed': { export: z.uuid(), problem: z.string() },
  /** Somebody fetched it. */
  'export.fetched': { export: z.uuid() },
} as const satisfies Record<string, z.ZodRawShape>;

type Kinds = typeof KINDS;
export type LedgerEntryKind = keyof Kinds;

function entry<K extends LedgerEntryKind>(kind: K) {
  return z.strictObject({ ...envelope, kind: z.literal(kind), data: z.strictObject(KINDS[kind]) });
}

/** What the ledger holds: a tagged union. */
export const LedgerEntry = z.discriminatedUnion('kind', [
  entry('server.started'),
  entry('server.stopped'),
  entry('clock.stepped'),
  entry('person.joined'),
  entry('key.issued'),
  entry('key.revoked'),
  entry('session.opened'),
  entry('session.attached'),
  entry('session.segment'),
  entry('session.ended'),
  entry('order.given'),
  entry('order.applied'),
  entry('order.observed'),
  entry('release.asked'),
  entry('release.withdrawn'),
  entry('latch.released'),
  entry('release.applied'),
  entry('content.kept'),
  entry('content.expired'),
  entry('content.read'),
  entry('erasure.asked'),
  entry('erasure.withdrawn'),
  entry('subject.erased'),
  entry('hold.placed'),
  entry('hold.lifted'),
  entry('export.asked'),
  entry('export.confirmed'),
  entry('export.made'),
  entry('export.failed'),
  entry('export.fetched'),
]);
export type LedgerEntry = z.infer<typeof LedgerEntry>;
/** An entry of one kind. */
export type EntryOf<K extends LedgerEntryKind> = Extract<LedgerEntry, { kind: K }>;

export function isEntryKind(text: string): text is LedgerEntryKind {
  return Object.hasOwn(KINDS, text);
}

/** The names of the fields that an entry of a kind may have, as its commitments name them: `time`, `by.id`, `data.reason`. */
export function fieldNamesOf(kind: LedgerEntryKind): string[] {
  const plain = ['time', 'clock', 'cause', 'policy', 'charter'];
  return [...plain, ...Object.keys(Actor.shape).map((key) => `by.${key}`), ...Object.keys(KINDS[kind]).map((key) => `data.${key}`)];
}

/** The schema of one field, by the name that its commitment has; null where entries of this kind have no such field. */
export function fieldSchema(kind: LedgerEntryKind, name: string): z.ZodType | null {
  const shapes: Record<string, z.ZodRawShape> = { by: Actor.shape, data: KINDS[kind] };
  const [group, key] = name.split('.', 2);
  if (group === undefined) return null;
  const shape = key === undefined ? envelope : shapes[group];
  const schema = shape === undefined ? undefined : new Map(Object.entries(shape)).get(key ?? group);
  return schema instanceof z.ZodType ? schema : null;
}

/** `GET /v1/ledger/entries/:index`: the leaf's canonical bytes as text, its hash, and what of it may be shown: see docs/ledger.md. */
export const StoredEntry = z.object({ index: count, body: z.string(), leafHash: base64, opening: z.string() });
export type StoredEntry = z.infer<typeof StoredEntry>;

/** An inclusion proof of `index` in the tree of `size`, or a consistency proof from `size` to a later one; hashes bottom up. */
export const InclusionProof = z.object({
  index: count,
  size: count,
  leafHash: base64,
  hashes: z.array(base64),
  checkpoint: z.string(),
});
export type InclusionProof = z.infer<typeof InclusionProof>;
export const ConsistencyProof = z.object({ from: count, to: count, hashes: z.array(base64) });
export type ConsistencyProof = z.infer<typeof ConsistencyProof>;
