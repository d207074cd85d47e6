import { z } from 'zod';
import { Action } from './action.ts';
import { CharterId, Digest, PowerId, ProposalState } from './charter.ts';
import { Actor } from './identity.ts';
import { pageOf, PageQuery } from './page.ts';
import { Preview, ProposedAct, Signed } from './proposed-act.ts';
import { plainText } from './text.ts';

const count = z.number().int().min(0);
const Reason = plainText(500);

/** `POST /v1/proposals`: proposes a permissive act. `id` makes it idempotent: the same again answers with the same proposal. */
export const ProposalRequest = z.strictObject({ id: z.uuid().toLowerCase(), act: ProposedAct, reason: Reason.min(1) });
export type ProposalRequest = z.infer<typeof ProposalRequest>;

export const VOTE_CHOICES = ['yes', 'no', 'veto'] as const;
export const VoteChoice = z.enum(VOTE_CHOICES);
export type VoteChoice = z.infer<typeof VoteChoice>;

/**
 * `POST /v1/proposals/:id/votes`: one signed vote. `digest` is the proposal's, as the voter was shown it; `signed` is the assertion of one of
 * the voter's enrolled passkeys over the ballot's challenge (docs/charter.md). A no and a veto take a reason.
 */
export const VoteRequest = z.strictObject({
  vote: z.uuid(),
  seat: CharterId,
  choice: VoteChoice,
  digest: Digest,
  reason: Reason.default(''),
  signed: Signed,
  /** How long the proposal was in view before the vote, in seconds. */
  seconds: z.number().int().min(0).max(86_400),
  /** Whether the evidence (diff, sessions, entries) was opened. */
  evidence: z.boolean(),
});
export type VoteRequest = z.infer<typeof VoteRequest>;

/** `POST /v1/proposals/:id/withdraw` */
export const WithdrawRequest = z.strictObject({ reason: Reason.default('') });

/** A vote as it is shown: `uncounted` says in words why it does not count; null where it does. */
export const VoteView = z.object({
  vote: z.uuid(),
  person: z.string(),
  name: z.string(),
  seat: z.string(),
  choice: VoteChoice,
  reason: z.string(),
  at: z.iso.datetime(),
  uncounted: z.string().nullable(),
  seconds: count,
  evidence: z.boolean(),
  entry: count,
});
export type VoteView = z.infer<typeof VoteView>;

const Who = z.object({ person: z.string(), name: z.string(), from: z.iso.datetime() });

/** Who is still needed: how many more yes, from how many more bodies, and who may cast them for which seat, from when. */
export const Needed = z.object({
  votes: count,
  bodies: count,
  seats: z.array(z.object({ seat: z.string(), body: z.string(), bodyTitle: z.string(), who: z.array(Who) })),
});
export type Needed = z.infer<typeof Needed>;

/** What the reader of the proposal can do about it. `excluded` says why their yes or no never counts here; null where it does. */
export const YourPart = z.object({
  proposer: z.boolean(),
  /** Seats for which they may vote now. */
  seats: z.array(z.string()),
  /** Seats for which they may veto now. */
  vetoSeats: z.array(z.string()),
  excluded: z.string().nullable(),
  voted: VoteChoice.nullable(),
});
export type YourPart = z.infer<typeof YourPart>;

/** A line of the inbox, `GET /v1/proposals`. */
export const ProposalLine = z.object({
  id: z.uuid(),
  power: PowerId,
  title: z.string(),
  reason: z.string(),
  proposer: Actor,
  proposerName: z.string(),
  openedAt: z.iso.datetime(),
  state: ProposalState,
  closesAt: z.iso.datetime(),
  /** Counted yes and no, and how many yes it takes. */
  yes: count,
  no: count,
  takes: count,
  /** Titles of the bodies that the missing yes can come from; none where nothing is missing. */
  from: z.array(z.string()),
  yours: YourPart,
  /** Whether it waits for a vote of the reader's. */
  waitsForYou: z.boolean(),
});
export type ProposalLine = z.infer<typeof ProposalLine>;

/** `GET /v1/proposals/:id` */
export const ProposalView = ProposalLine.extend({
  act: ProposedAct,
  preview: Preview,
  /**
   * Of a fine-tune or a promotion: the action that it carries out, with its arguments, which `act.digest` binds. Whoever may vote on the proposal is shown it,
   * and whoever may decide on actions or asked for it; null for everybody else, and for what is about no action.
   */
  asked: Action.nullable(),
  digest: Digest,
  /** Digest of what it is about, as it was when it was opened: with the rest it makes `digest`, which every voter can compute again. */
  about: Digest,
  /** Names of the charter and the policy that it was opened under. */
  charter: z.string(),
  policy: z.string(),
  authors: z.array(z.string()),
  /** When it passes unless vetoed: the quorum is there and the notice runs. */
  passesAt: z.iso.datetime().nullable(),
  passedAt: z.iso.datetime().nullable(),
  executeBy: z.iso.datetime().nullable(),
  /** Where it stands, in sentences. */
  explanation: z.array(z.string()),
  needed: Needed,
  votes: z.array(VoteView),
  ended: z.object({ at: z.iso.datetime(), because: z.string(), entry: count.nullable() }).nullable(),
  /** It was for practice and had to be rejected; known once it has ended. */
  practice: z.boolean(),
  /** The ledger's entry that opened it. */
  entry: count,
});
export type ProposalView = z.infer<typeof ProposalView>;

/** `inbox`: open ones that wait for a vote of the reader's; `open`: open and passed ones; `all`: everything, newest first. */
export const ProposalsQuery = PageQuery.extend({ list: z.enum(['inbox', 'open', 'all']).default('open'), power: PowerId.optional() });
export type ProposalsQuery = z.infer<typeof ProposalsQuery>;
export const ProposalLines = pageOf(ProposalLine);
export type ProposalLines = z.infer<typeof ProposalLines>;

/**
 * `POST /v1/me/voting-keys`: makes a passkey of the caller's count for signing votes. `signed` is its assertion over the enrolment's challenge;
 * `earlier`, the assertion of a key that counts already over the same, is needed from the second key on.
 */
export const EnrolRequest = z.strictObject({ signed: Signed, earlier: Signed.optional() });
export type EnrolRequest = z.infer<typeof EnrolRequest>;

/** A passkey of the caller's: `votes` says whether it counts for signing votes. `challenge` is what enrolling it signs, in base64url. */
export const VotingKey = z.object({
  credential: z.string(),
  name: z.string(),
  votes: z.boolean(),
  challenge: z.string(),
  createdAt: z.iso.datetime().nullable(),
});
export type VotingKey = z.infer<typeof VotingKey>;
/** `mayEnrolFreely`: no key counts yet, or a proposal granted another, so that no earlier key has to sign. */
export const VotingKeys = z.object({ items: z.array(VotingKey), mayEnrolFreely: z.boolean(), rpId: z.string() });
export type VotingKeys = z.infer<typeof VotingKeys>;

/** `POST /v1/proposals/:id/conflict`: the caller declares a conflict of interest: their yes or no does not count on this one. */
export const ConflictRequest = z.strictObject({ reason: Reason.default('') });
