import { z } from 'zod';
import { CharterId, PowerId } from './charter.ts';
import { Level } from './level.ts';
import { EmergencyAct, LONGEST_CHARTER, Signed } from './proposed-act.ts';
import { plainText } from './text.ts';

const count = z.number().int().min(0);
const time = z.iso.datetime();
const Reason = plainText(500);

/** A breach of law 5 in a charter, with the chain of acts that proves it. */
export const BreachView = z.object({
  kind: z.enum(['autocrat', 'below_quorum', 'indispensable', 'unreachable']),
  power: PowerId,
  people: z.array(z.string()),
  message: z.string(),
  chain: z.array(z.string()),
});

/** The coalition analysis: for each power the smallest coalition through any chain of acts. Names instead of ids where the charter has them. */
export const AnalysisView = z.object({
  from: time,
  powers: z.array(
    z.object({
      power: PowerId,
      quorum: z.string(),
      bar: count,
      smallest: count.nullable(),
      routes: z.array(z.object({ route: z.string(), people: count })),
      examples: z.array(z.array(z.string())),
      minimal: count.nullable(),
    }),
  ),
  breaches: z.array(BreachView),
});
export type AnalysisView = z.infer<typeof AnalysisView>;

/** `POST /v1/charter/check`: what a text would mean. `faults` name the lines that can't be used; no analysis where it can't even be read. */
export const CheckRequest = z.strictObject({ text: z.string().max(LONGEST_CHARTER) });
export const CheckedCharter = z.object({
  faults: z.array(z.object({ line: count.nullable(), path: z.string(), message: z.string() })),
  analysis: AnalysisView.nullable(),
});
export type CheckedCharter = z.infer<typeof CheckedCharter>;

export const SeatView = z.object({
  id: z.string(),
  body: z.string(),
  holder: z.string().nullable(),
  alternates: z.array(z.string()),
  term: z.object({ from: time, until: time }).nullable(),
  /** Who represents it now; null where nobody does. */
  represented: z.string().nullable(),
  handover: z.object({ to: z.string(), effectiveAt: time, accepted: z.boolean() }).nullable(),
});
export type SeatView = z.infer<typeof SeatView>;

export const PowerView = z.object({
  power: PowerId,
  quorum: z.string(),
  votes: count,
  bodies: count,
  from: z.array(z.string()),
  excludes: z.array(z.string()),
  vetoSeats: z.array(z.string()),
  noticeMs: count,
  voteWithinMs: count,
  executeWithinMs: count,
  breakGlass: z
    .object({ seats: z.array(z.string()), people: count, timeBoxMs: count, reviewWithinMs: count, overdueCeiling: Level })
    .nullable(),
});
export type PowerView = z.infer<typeof PowerView>;

export const AbsenceView = z.object({ id: z.uuid(), person: z.string(), name: z.string(), from: time, until: time });
export type AbsenceView = z.infer<typeof AbsenceView>;

export const DelegationView = z.object({ id: z.uuid(), seat: z.string(), from: z.string(), to: z.string(), start: time, end: time });
export type DelegationView = z.infer<typeof DelegationView>;

/** A charter that is or was in force. `name` is `sha256:` and the digest of its text, as entries name it. */
export const CharterVersion = z.object({
  name: z.string(),
  version: count,
  text: z.string(),
  adoptedAt: time,
  /** The proposal that put it in force. */
  proposal: z.uuid(),
  entry: count,
});
export type CharterVersion = z.infer<typeof CharterVersion>;

/** `GET /v1/charter`. `inForce` null: no charter yet, two people decide (the built-in rule), and the first charter takes everybody it seats. */
export const CharterView = z.object({
  inForce: CharterVersion.nullable(),
  people: z.array(z.object({ id: z.string(), name: z.string() })),
  bodies: z.array(z.object({ id: z.string(), title: z.string(), minimum: count, ceiling: Level, people: count })),
  seats: z.array(SeatView),
  powers: z.array(PowerView),
  absences: z.array(AbsenceView),
  delegations: z.array(DelegationView),
  delegationAllowed: z.boolean(),
  handoverNoticeMs: count,
  ceiling: z.object({ level: Level, because: z.array(z.string()) }),
  /** The reader's own: seats that they hold or are an alternate for. */
  yours: z.array(z.string()),
});
export type CharterView = z.infer<typeof CharterView>;

/** `GET /v1/charter/draft`: a charter for the people of the house, to start from. */
export const CharterDraft = z.object({ text: z.string() });

/** `POST /v1/charter/absences`, for oneself; `POST /v1/charter/absences/:id/end`. */
export const AbsenceRequest = z.strictObject({ id: z.uuid(), from: time, until: time });
export type AbsenceRequest = z.infer<typeof AbsenceRequest>;

/** `POST /v1/charter/delegations`: somebody else votes for a seat of one's own. */
export const DelegationRequest = z.strictObject({ id: z.uuid(), seat: CharterId, to: CharterId, start: time, end: time });
export type DelegationRequest = z.infer<typeof DelegationRequest>;

/** `POST /v1/charter/seats/:seat/handover`, by its holder. */
export const HandoverRequest = z.strictObject({ to: CharterId, effectiveAt: time });
export type HandoverRequest = z.infer<typeof HandoverRequest>;
/** `POST /v1/charter/seats/:seat/handover/accept`, by the successor, signed over the challenge that `GET .../handover` gives. */
export const AcceptRequest = z.strictObject({ signed: Signed });
export const HandoverChallenge = z.object({ challenge: z.string(), credentials: z.array(z.string()), rpId: z.string() });
export type HandoverChallenge = z.infer<typeof HandoverChallenge>;

/** A stretch of time for which one person represented a seat; `person` null: nobody did. */
export const Tenure = z.object({ seat: z.string(), person: z.string().nullable(), name: z.string().nullable(), from: time, until: time });
/** `GET /v1/charter/transitions?from&until`: who represented each power's seats from when to when, gaps and overlaps. */
export const TransitionReport = z.object({
  from: time,
  until: time,
  powers: z.array(
    z.object({
      power: PowerId,
      tenures: z.array(Tenure),
      gaps: z.array(Tenure),
      overlaps: z.array(z.object({ person: z.string(), name: z.string(), seats: z.array(z.string()), from: time, until: time })),
    }),
  ),
});
export type TransitionReport = z.infer<typeof TransitionReport>;

/** `POST /v1/glass`: asks for a break glass, and signs it for a seat. It takes effect once as many people as the charter names have signed. */
export const GlassRequest = z.strictObject({
  id: z.uuid(),
  act: EmergencyAct,
  reason: Reason.min(1),
  /** A drill: everything but the act itself happens, marked as practice. */
  practice: z.boolean().default(false),
  seat: CharterId,
  signed: Signed,
});
export type GlassRequest = z.infer<typeof GlassRequest>;
/** `POST /v1/glass/:id/sign`, by another person, for another seat. */
export const GlassSignature = z.strictObject({ seat: CharterId, signed: Signed });
export type GlassSignature = z.infer<typeof GlassSignature>;

/**
 * `asked`: signed by too few so far. `broken`: in force until `endsAt`. `ended`: the time box is over, the review is due by `reviewDueAt`.
 * `reviewed`: a quorum closed it. `lapsed`: nobody signed in time.
 */
export const GlassState = z.enum(['asked', 'broken', 'ended', 'reviewed', 'lapsed']);
export type GlassState = z.infer<typeof GlassState>;
export const GlassView = z.object({
  id: z.uuid(),
  act: EmergencyAct,
  reason: z.string(),
  practice: z.boolean(),
  state: GlassState,
  signers: z.array(z.object({ person: z.string(), name: z.string(), seat: z.string(), at: time })),
  takes: count,
  askedAt: time,
  brokenAt: time.nullable(),
  endsAt: time.nullable(),
  reviewDueAt: time.nullable(),
  overdue: z.boolean(),
  skipped: z.array(z.string()),
  /** What signing it signs, in base64url without padding, for each seat for which the reader may sign now. */
  yourSeats: z.array(z.object({ seat: z.string(), challenge: z.string() })),
  entry: count,
});
export type GlassView = z.infer<typeof GlassView>;

/** `GET /v1/me/oversight`: how the reader has voted, and what it says; for reviewers and administrators `GET /v1/oversight` has everybody. */
export const OverseerView = z.object({
  person: z.string(),
  name: z.string(),
  votes: count,
  yesShare: z.number().min(0).max(1),
  medianSeconds: z.number().min(0),
  evidenceShare: z.number().min(0).max(1),
  practice: z.object({ seen: count, rejected: count }),
  /** The latest training for each role: `role` in words; `power` or `body` names it, or neither where it is for everything. */
  trainings: z.array(z.object({ power: PowerId.nullable(), body: z.string().nullable(), role: z.string(), until: time })),
  /** What training they lack for powers that ask for one, for seats that they hold or are an alternate for, in sentences. */
  lacks: z.array(z.string()),
  /** Signs of rubber-stamping, in sentences; none is good. */
  signs: z.array(z.string()),
});
export type OverseerView = z.infer<typeof OverseerView>;

/** `POST /v1/training`: records that somebody's training for a power or for a body's seats, or for everything, is valid until then. Not for oneself. */
export const TrainingRequest = z
  .strictObject({ person: CharterId, until: time, power: PowerId.optional(), body: CharterId.optional() })
  .refine(({ power, body }) => power === undefined || body === undefined, 'a training is for a power or for a body, not for both');
export type TrainingRequest = z.infer<typeof TrainingRequest>;
