import { z } from 'zod';
import { Level } from './level.ts';
import { plainText } from './text.ts';

/**
 * The powers: every kind of permissive act that there is. A power that a charter does not list can be exercised by nobody.
 *
 * - `seat.change` changes the charter's `people` and `seats`: who there is, who reports to whom, who holds what and for how long.
 * - `charter.amend` changes all of the charter.
 * - `seat.recall` takes a seat from its holder; the seat's alternates step in.
 * - `break_glass.review` closes the review that a use of break glass opened.
 */
export const POWERS = [
  'latch.release',
  'level.raise',
  'finetune.create',
  'deployment.promote',
  'policy.change',
  'charter.amend',
  'seat.change',
  'seat.recall',
  'break_glass.review',
  'access.grant',
  'key.rotate',
  'witness.change',
  'retention.change',
  'record.export',
  'record.erase',
] as const;
export const PowerId = z.enum(POWERS);
export type PowerId = z.infer<typeof PowerId>;

/** Powers that may have a break glass: acts that can be taken back when the time box ends. */
export const BREAKABLE_POWERS = ['latch.release', 'level.raise', 'deployment.promote', 'key.rotate'] as const;

/** Id of a person (as the installation knows them), a body or a seat. */
export const CharterId = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._@-]{0,99}$/, 'an id: letters, digits, dot, dash, underscore or @, at most 100');

/** A length of time: `90s`, `30m`, `72h`, `14d`, `2w`, or ISO 8601 of weeks, days, hours, minutes and seconds (`P14D`, `PT1H30M`). */
const Duration = z.string().regex(
  // The lookaheads ask for at least one part, and for one after the T.
  /^(?:\d{1,6}[smhdw]|P(?=\d|T\d)(?:\d{1,6}W)?(?:\d{1,6}D)?(?:T(?=\d)(?:\d{1,6}H)?(?:\d{1,6}M)?(?:\d{1,6}S)?)?)$/,
  'a length of time such as 90s, 30m, 72h, 14d, 2w or PT1H30M',
);

/** A moment: a date (its first instant, UTC) or a date and time in UTC. */
const Moment = z.union([z.iso.date(), z.iso.datetime()], 'a date such as 2026-01-31 or 2026-01-31T09:00:00Z');

const Count = z.number().int().min(1).max(1000);

/** Yes votes that an act takes. `of`, where given, must be the number of seats of the bodies in `from`. */
export const Quorum = z.strictObject({
  votes: Count,
  of: Count.optional(),
  bodies: Count.default(1),
  from: z.array(CharterId).min(1),
});
export type Quorum = z.infer<typeof Quorum>;

/** Who besides the proposer and people in conflict never counts: the author of what it is about, anyone above or below the proposer. */
export const EXCLUSIONS = ['author', 'reporting_line'] as const;

export const PowerRule = z.strictObject({
  quorum: Quorum,
  exclude: z.array(z.enum(EXCLUSIONS)).default([]),
  veto: z
    .strictObject({ bodies: z.array(CharterId).default([]), seats: z.array(CharterId).default([]) })
    .default({ bodies: [], seats: [] }),
  notice: Duration.default('0s'),
  voteWithin: Duration,
  executeWithin: Duration,
  stepUp: z.boolean().default(true),
  /** Only votes of people whose training is valid count. */
  training: z.boolean().default(false),
});
export type PowerRule = z.infer<typeof PowerRule>;

export const BreakGlassRule = z.strictObject({
  seats: z.array(CharterId).min(1),
  /** How many different people must act together. */
  people: Count,
  timeBox: Duration,
  reviewWithin: Duration,
  /** The level ceiling while a review of it is overdue. */
  overdueCeiling: Level.default(1),
});
export type BreakGlassRule = z.infer<typeof BreakGlassRule>;

const ChartedPerson = z.strictObject({ name: plainText(120).min(1).optional(), manager: CharterId.optional() });
const Body = z.strictObject({
  title: plainText(120).min(1).optional(),
  /** While fewer people than this represent the body's seats, no session runs above `ceiling` (1 unless given). */
  minimum: Count.optional(),
  ceiling: Level.optional(),
});
const Seat = z.strictObject({
  body: CharterId,
  holder: CharterId.optional(),
  alternates: z.array(CharterId).default([]),
  term: z.strictObject({ from: Moment, until: Moment }).optional(),
});

/** A charter as its file says it: YAML or JSON. What the names in it refer to is checked by `libs/charter`. */
export const CharterFile = z.strictObject({
  version: z.number().int().min(1),
  title: plainText(200).optional(),
  people: z.record(CharterId, ChartedPerson),
  bodies: z.record(CharterId, Body),
  seats: z.record(CharterId, Seat),
  powers: z.partialRecord(PowerId, PowerRule),
  alternates: z.strictObject({ onAbsence: z.boolean().default(true), noAnswerAfter: Duration.optional() }).default({ onAbsence: true }),
  delegation: z.strictObject({ allowed: z.boolean(), longest: Duration.optional() }).default({ allowed: false }),
  /** `overlap`: for how long after it the former holder still stands in for the new one, before all alternates. */
  handover: z.strictObject({ notice: Duration, overlap: Duration.default('0s') }).default({ notice: '0s', overlap: '0s' }),
  breakGlass: z.partialRecord(z.enum(BREAKABLE_POWERS), BreakGlassRule).default({}),
});
export type CharterFile = z.infer<typeof CharterFile>;

/** Where a proposal stands. All but `open` and `passed` are final. */
export const PROPOSAL_STATES = [
  'open',
  'passed',
  'vetoed',
  'rejected',
  'expired',
  'withdrawn',
  'superseded',
  'executed',
  'failed',
] as const;
export const ProposalState = z.enum(PROPOSAL_STATES);
export type ProposalState = z.infer<typeof ProposalState>;

/** How entries name the rules before there is a charter: two people decide, one asks and another confirms. */
export const RULES_BEFORE_A_CHARTER = 'two-people/1';

/** SHA-256 in lower-case hexadecimal. */
export const Digest = z.string().regex(/^[0-9a-f]{64}$/, 'a SHA-256 in hexadecimal');

/** A vote: one person, for one seat, on one digest. `at` is milliseconds since 1970, set by the server that took it. */
export const Vote = z.strictObject({
  id: z.string().min(1).max(200),
  person: CharterId,
  seat: CharterId,
  choice: z.enum(['yes', 'no', 'veto']),
  digest: Digest,
  reason: plainText(500).default(''),
  /** Signed with user verification at this very vote. */
  stepUp: z.boolean(),
  at: z.number().int(),
});
export type Vote = z.infer<typeof Vote>;
