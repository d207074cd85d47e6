import { z } from 'zod';

/**
 * What a human does in a session:
 * - `monitor` listens; nothing of them reaches anybody.
 * - `barge` speaks beside the engine: the person and the engine hear them.
 * - `take_over` speaks in the engine's place, which an order of that kind silences first.
 */
export const SUPERVISION_VERBS = ['monitor', 'barge', 'take_over'] as const;
export const SupervisionVerb = z.enum(SUPERVISION_VERBS);
export type SupervisionVerb = z.infer<typeof SupervisionVerb>;

/** Who is in a session beside its person and its engine. */
export const Supervisor = z.object({ supervision: z.uuid(), person: z.string(), name: z.string(), verb: SupervisionVerb });
export type Supervisor = z.infer<typeof Supervisor>;

/** The engine's last request for a human that nobody has answered. Its words are the engine's own, and not to be trusted. */
export const HelpAsked = z.object({ tick: z.number().int(), text: z.string(), askedAt: z.iso.datetime() });
export type HelpAsked = z.infer<typeof HelpAsked>;

/** `GET /v1/sessions/:id/supervision`, for those who may join it. */
export const SupervisionView = z.object({ session: z.uuid(), supervisors: z.array(Supervisor), help: HelpAsked.nullable() });
export type SupervisionView = z.infer<typeof SupervisionView>;
