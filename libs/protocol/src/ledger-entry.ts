import { z } from 'zod';
import { CHECKPOINT_KINDS } from './checkpoint-entries.ts';
import { Digest, PowerId } from './charter.ts';
import { Actor, KeyScope, Role } from './identity.ts';
import { Level } from './level.ts';
import { LATCH_KINDS, SessionEffect } from './order.ts';
import { EmergencyAct, LONGEST_CHARTER, Preview, ProposedAct, Signed } from './proposed-act.ts';
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
  /**
   * Written before the latch opens; `by` is the person who confirmed, or whose vote was the last. `proposal`: the approval that it uses up, whose
   * id `release` is too; `glass`: the break glass that it took instead.
   */
  'latch.released': { release: z.uuid(), latch: z.uuid(), askedBy: z.string(), proposal: z.uuid().optional(), glass: z.uuid().optional() },
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
  'subject.erased': { erasure: z.uuid(), subject: z.string(), askedBy: z.string(), pieces: count, proposal: z.uuid().optional() },
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
  'export.confirmed': { export: z.uuid(), askedBy: z.string(), proposal: z.uuid().optional() },
  /** It was made: its digest, and the tree head that it was made against. */
  'export.made': { export: z.uuid(), digest: base64, bytes: count, entries: count, treeSize: count, root: base64 },
  'export.failed': { export: z.uuid(), problem: z.string() },
  /** Somebody fetched it. */
  'export.fetched': { export: z.uuid() },
  /**
   * A passkey counts for signing votes from now on. `publicKey` is its COSE key (RFC 9052) in base64url; `signed` its own assertion over the
   * enrolment, `earlier` that of a key that counted before, or `proposal` the approval that stands in for one.
   */
  'voter.enrolled': {
    person: z.string(),
    publicKey: z.string(),
    rpId: z.string(),
    origin: z.string(),
    signed: Signed,
    earlier: Signed.optional(),
    proposal: z.uuid().optional(),
  },
  /** Somebody may enrol a passkey without an earlier one, once, or has a role: what an approval gave. */
  'access.granted': { proposal: z.uuid(), person: z.string(), grant: z.enum(['voting_key', 'administrator']) },
  /** A key of the installation gives way to another: its fingerprint, which says which key it is and gives nothing of it away. */
  'key.rotated': { proposal: z.uuid(), key: z.literal('master'), fingerprint: base64 },
  /** A permissive act awaits its quorum. `about` is the digest of what it is about as it was; `authors` are those who made that. */
  'proposal.opened': {
    proposal: z.uuid(),
    power: PowerId,
    act: ProposedAct,
    preview: Preview,
    digest: Digest,
    about: Digest,
    authors: z.array(z.string()).max(20),
    reason: z.string(),
    /** Commits to whether it is for practice: one that is must be rejected, and executes nothing. `proposal.closed` reveals it. */
    seal: Digest,
  },
  /** A signed vote. `seconds`: how long the proposal was in view; `evidence`: whether the evidence was opened. */
  'vote.cast': {
    proposal: z.uuid(),
    vote: z.uuid(),
    seat: z.string(),
    choice: z.enum(['yes', 'no', 'veto']),
    digest: Digest,
    reason: z.string(),
    signed: Signed,
    seconds: count,
    evidence: z.boolean(),
  },
  'conflict.declared': { proposal: z.uuid(), reason: z.string() },
  /** The quorum was there and the notice over. Its execution is the entry that names the proposal next. */
  'proposal.passed': { proposal: z.uuid(), passedAt: z.iso.datetime(), executeBy: z.iso.datetime() },
  /** It ended without taking effect. `because` is in Wheelhouse's own words, `reason` in those of whoever withdrew it. */
  'proposal.closed': {
    proposal: z.uuid(),
    outcome: z.enum(['vetoed', 'rejected', 'expired', 'withdrawn', 'superseded', 'failed']),
    because: z.string(),
    reason: z.string(),
    /** It was for practice: the salt of its seal. */
    practiceSalt: z.string().max(100).optional(),
  },
  /** A charter is in force from here on. The entry itself was decided under the one before. */
  'charter.adopted': { proposal: z.uuid(), name: z.string(), version: count, charterText: z.string().max(LONGEST_CHARTER) },
  'seat.appointed': {
    proposal: z.uuid(),
    seat: z.string(),
    holder: z.string().optional(),
    alternates: z.array(z.string()).max(20),
    term: z.strictObject({ from: z.iso.datetime(), until: z.iso.datetime() }).optional(),
  },
  'seat.recalled': { proposal: z.uuid(), seat: z.string() },
  'seat.left': { seat: z.string(), person: z.string() },
  'handover.announced': { seat: z.string(), to: z.string(), effectiveAt: z.iso.datetime() },
  /** Signed by the successor over the handover. */
  'handover.accepted': { seat: z.string(), to: z.string(), effectiveAt: z.iso.datetime(), signed: Signed },
  'handover.cancelled': { seat: z.string() },
  'absence.declared': { absence: z.uuid(), person: z.string(), fromTime: z.iso.datetime(), until: z.iso.datetime() },
  'absence.ended': { absence: z.uuid() },
  'delegation.given': {
    delegation: z.uuid(),
    seat: z.string(),
    to: z.string(),
    fromTime: z.iso.datetime(),
    until: z.iso.datetime(),
  },
  'delegation.ended': { delegation: z.uuid() },
  /** What it is for: a power of the charter, or the seats of a body. With neither it is for all of them, as those recorded before roles were named. */
  'training.recorded': { person: z.string(), until: z.iso.datetime(), power: PowerId.optional(), body: z.string().optional() },
  /** Somebody wants to act below the quorum, for a seat that may; each signer's assertion over the same. */
  'glass.asked': { glass: z.uuid(), emergency: EmergencyAct, practice: z.boolean(), reason: z.string(), seat: z.string(), signed: Signed },
  'glass.signed': { glass: z.uuid(), seat: z.string(), signed: Signed },
  /** Enough have signed: the act that follows was done below its quorum. `skipped` are the people whose votes were not asked. */
  'glass.broken': {
    glass: z.uuid(),
    power: PowerId,
    practice: z.boolean(),
    endsAt: z.iso.datetime(),
    reviewDueAt: z.iso.datetime(),
    skipped: z.array(z.string()).max(100),
  },
  /** The time box is over, or it lapsed unsigned; `order` is the latch that stands again. */
  'glass.ended': { glass: z.uuid(), outcome: z.enum(['ended', 'lapsed']), order: z.uuid().optional() },
  'glass.reviewed': { proposal: z.uuid(), glass: z.uuid() },
  /** The ceiling that the charter sets on levels changed, and why. */
  'ceiling.changed': { level: Level, because: z.string() },
  ...CHECKPOINT_KINDS,
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
  entry('voter.enrolled'),
  entry('access.granted'),
  entry('key.rotated'),
  entry('proposal.opened'),
  entry('vote.cast'),
  entry('conflict.declared'),
  entry('proposal.passed'),
  entry('proposal.closed'),
  entry('charter.adopted'),
  entry('seat.appointed'),
  entry('seat.recalled'),
  entry('seat.left'),
  entry('handover.announced'),
  entry('handover.accepted'),
  entry('handover.cancelled'),
  entry('absence.declared'),
  entry('absence.ended'),
  entry('delegation.given'),
  entry('delegation.ended'),
  entry('training.recorded'),
  entry('glass.asked'),
  entry('glass.signed'),
  entry('glass.broken'),
  entry('glass.ended'),
  entry('glass.reviewed'),
  entry('ceiling.changed'),
  entry('checkpoint.decided'),
  entry('policy.adopted'),
  entry('policy.rolled_back'),
  entry('action.asked'),
  entry('action.decided'),
  entry('supervision.began'),
  entry('supervision.ended'),
  entry('help.asked'),
  entry('session.handed_back'),
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

/**
 * `GET /v1/ledger/entries/:index`: the leaf's canonical bytes as text, its hash, and what of it may be shown: see docs/ledger.md. Every entry has
 * fields: where `opening` is an empty list, the stored entry is not the one that was written.
 */
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
