import { z } from 'zod';
import { Actor } from './identity.ts';
import { Difference, PolicyBundle, PolicyFault, PolicyRequest, PolicyTestResult } from './policy.ts';
import { ProblemCode } from './problem.ts';
import { plainText } from './text.ts';

const count = z.number().int().min(0);
const time = z.iso.datetime();
const Digest = z.string().regex(/^sha256:[0-9a-f]{64}$/, 'is no digest of a bundle');

/** What became of one file of a bundle, line by line with a little around each change. `leftOut`: lines that were too many to show. */
export const FileChange = z.object({
  file: z.string(),
  change: z.enum(['added', 'removed', 'changed']),
  added: count,
  removed: count,
  lines: z.array(z.object({ mark: z.enum([' ', '+', '-', '…']), text: z.string() })),
  leftOut: count,
});
export type FileChange = z.infer<typeof FileChange>;

/** One bundle that came into force. `shipped`: the one that Wheelhouse brought along; `rolled_back`: one person went back to it. */
export const PolicyVersion = z.object({
  digest: z.string(),
  name: z.string(),
  how: z.enum(['shipped', 'adopted', 'rolled_back']),
  since: time,
  /** Its entry in the ledger; null for a rollback that is in force and not yet stored. */
  entry: count.nullable(),
  proposal: z.uuid().nullable(),
  by: Actor,
  byName: z.string(),
  reason: z.string().nullable(),
  /** What changed against the one before. */
  changes: z.array(FileChange),
});
export type PolicyVersion = z.infer<typeof PolicyVersion>;

/** `GET /v1/policy`. Where the bundle does not load, `faults` say why, and every checkpoint denies. */
export const PolicyView = z.object({
  digest: z.string(),
  name: z.string(),
  since: time.nullable(),
  loads: z.boolean(),
  faults: z.array(PolicyFault),
  bundle: PolicyBundle.nullable(),
  /** The digest, signed with the ledger's key: a C2SP signed note. Null before the first bundle. */
  signature: z.string().nullable(),
  /** The bundle's own tests, run by the server that decides. */
  tests: z.array(PolicyTestResult),
  warnings: z.array(PolicyFault),
  /** Newest first. */
  history: z.array(PolicyVersion),
  /** What one person can go back to; null where there is nothing. */
  rollback: z.object({ digest: z.string(), name: z.string() }).nullable(),
});
export type PolicyView = z.infer<typeof PolicyView>;

/** `POST /v1/policy/check` */
export const PolicyCandidate = z.strictObject({ bundle: PolicyBundle });
export type PolicyCandidate = z.infer<typeof PolicyCandidate>;

/** What a bundle would mean. `proposable`: it loads and passes its tests; then `digest` and `text` are what `policy.change` takes. */
export const CheckedPolicy = z.object({
  proposable: z.boolean(),
  digest: z.string().nullable(),
  text: z.string().nullable(),
  faults: z.array(PolicyFault),
  tests: z.array(PolicyTestResult),
  changes: z.array(FileChange),
});
export type CheckedPolicy = z.infer<typeof CheckedPolicy>;

/** `POST /v1/policy/explain`: by the bundle in force, or by one that was in force. */
export const ExplainRequest = z.strictObject({ request: PolicyRequest, bundle: Digest.optional() });
export type ExplainRequest = z.infer<typeof ExplainRequest>;

/** What two bundles say to the same requests: `decided` and `differing` count each as often as it was asked; the most frequent differences are shown. */
export const ComparisonView = z.object({ decided: count, differing: count, differences: z.array(Difference) });
export type ComparisonView = z.infer<typeof ComparisonView>;

/** `POST /v1/policy/shadow`: a bundle to run beside the one in force, or null to end that. */
export const ShadowRequest = z.strictObject({ bundle: PolicyBundle.nullable() });
export type ShadowRequest = z.infer<typeof ShadowRequest>;

/** `GET /v1/policy/shadow`. `leftOut`: decisions on requests that were too many to keep apart; they are not compared. */
export const ShadowView = z.object({
  candidate: z.object({ digest: z.string(), name: z.string(), since: time, by: Actor, byName: z.string() }).nullable(),
  comparison: ComparisonView,
  leftOut: count,
});
export type ShadowView = z.infer<typeof ShadowView>;

/** `POST /v1/policy/replay`: both bundles decide again what the ledger recorded from `since` up to, not including, `until`. */
export const ReplayRequest = z.strictObject({
  bundle: PolicyBundle,
  since: time,
  until: time,
  /** Whether stored transcripts are read as well. It takes the right to read them, and each reading is an entry of the ledger. */
  recordings: z.boolean().default(false),
});
export type ReplayRequest = z.infer<typeof ReplayRequest>;

/**
 * What recorded words would have become: each line of a transcript read anew by the detectors of text, what was heard as if it had been typed, at the level
 * at which its session was opened. `leftOut`: sessions whose words were not read, and why (`too_many`: only the newest are); `forbidden`: how many the caller may
 * not read; `undecided`: lines whose requests were too many to keep apart.
 */
export const ReplayedRecordings = z.object({
  sessions: count,
  lines: count,
  leftOut: z.array(z.object({ session: z.uuid(), problem: z.union([ProblemCode, z.literal('too_many')]) })),
  forbidden: count,
  undecided: count,
  comparison: ComparisonView,
});
export type ReplayedRecordings = z.infer<typeof ReplayedRecordings>;

/** `unreadable`: recorded requests that are none any more; `leftOut`: decisions on requests that were too many to keep apart. */
export const ReplayView = z.object({
  candidate: z.object({ digest: z.string(), name: z.string() }),
  inForce: z.string(),
  since: time,
  until: time,
  entries: count,
  unreadable: count,
  leftOut: count,
  comparison: ComparisonView,
  /** Null where recordings were not asked for. */
  recordings: ReplayedRecordings.nullable(),
});
export type ReplayView = z.infer<typeof ReplayView>;

/** `POST /v1/policy/rollback`: an order, in force when it is answered. The same again changes nothing. */
export const RollbackRequest = z.strictObject({ id: z.uuid(), reason: plainText(500).min(1) });
export type RollbackRequest = z.infer<typeof RollbackRequest>;
export const RollbackAck = z.object({ order: z.uuid(), bundle: z.string(), replaced: z.string(), at: time, repeated: z.boolean() });
export type RollbackAck = z.infer<typeof RollbackAck>;
