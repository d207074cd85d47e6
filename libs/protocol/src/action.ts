import { z } from 'zod';
import { Digest } from './charter.ts';
import { PageQuery, pageOf } from './page.ts';
import { AskedCheckpoint, Decision, MODEL_CHECKPOINTS } from './policy.ts';
import { plainText } from './text.ts';
import { LONGEST_ARGUMENTS } from './tool-call.ts';

/** `allowed` and `denied` by policy at once; `pending` waits for a human; the rest is what a human decided, or that none did in time. */
export const ACTION_STATES = [
  'allowed',
  'denied',
  'pending',
  'approved',
  'edited',
  'answered',
  'rejected',
  'expired',
  'withdrawn',
] as const;
export const ActionState = z.enum(ACTION_STATES);
export type ActionState = z.infer<typeof ActionState>;

/**
 * What an action is about: a call of a tool; words on their way out of an engine or to it; a fine-tune that would be made; a deployment that would be
 * promoted.
 */
export const ACTION_KINDS = ['tool', 'output', 'input', ...MODEL_CHECKPOINTS] as const;
export const ActionKind = z.enum(ACTION_KINDS);
export type ActionKind = z.infer<typeof ActionKind>;

/**
 * `POST /v1/actions`: an agent, a service or a pipeline asks whether it may do something. `id` makes it idempotent. The same id with another request is
 * refused.
 */
export const ActionRequest = z.strictObject({
  id: z.uuid().toLowerCase(),
  /** Where policy decides on it. */
  checkpoint: AskedCheckpoint.default('tool.call'),
  /** What it is, by name: the tool or operation; at `finetune.create` the fine-tune, at `deployment.promote` the deployment. */
  tool: z.string().regex(/^[A-Za-z0-9_.:/-]{1,200}$/),
  /**
   * Exactly what it would be done with: any JSON, whose RFC 8785 rendering is what an approval is bound to. At `finetune.create` and
   * `deployment.promote` an object, of which policy reads `level`, `deployment` and `model`.
   */
  arguments: z.json(),
  /** Which agent asks, in words of the caller's own, and why. Both are shown to the human who decides. */
  agent: plainText(200).default(''),
  reason: plainText(500).default(''),
  /** Of tool calls: it runs in this session of the caller's tenant; the session's level counts. Absent: at level 2, where each call waits for a human. */
  session: z.uuid().optional(),
  /** After so many seconds without a decision it has expired. */
  expiresInSeconds: z.number().int().min(1).max(86_400).default(3600),
  /** Where the decision is sent, signed (Standard Webhooks): the id of one of the caller's webhooks. */
  webhook: z.uuid().optional(),
});
export type ActionRequest = z.infer<typeof ActionRequest>;

export const Action = z.object({
  id: z.uuid(),
  tenant: z.string(),
  state: ActionState,
  /** `output`: something that the engine wants to say; `input`: something that was typed to it. */
  kind: ActionKind,
  tool: z.string(),
  /** What was asked for, shown to those who may decide and to who asked. Null where it is no more in memory or was erased. */
  arguments: z.json(),
  /**
   * SHA-256 over the RFC 8785 rendering of { tool, arguments } as asked, at `finetune.create` and `deployment.promote` with { checkpoint } beside them;
   * whoever carries the action out compares.
   */
  digest: Digest,
  agent: z.string(),
  reason: z.string(),
  session: z.uuid().nullable(),
  askedBy: z.string(),
  askedByName: z.string(),
  /** The person who asked, or who holds the key that did, and may not decide; null where an engine asked. */
  holder: z.string().nullable(),
  askedAt: z.iso.datetime(),
  expiresAt: z.iso.datetime(),
  decision: Decision,
  /** Why, in the words of the policies that decided, as far as the bundle in force has them. */
  because: z.array(z.object({ policy: z.string(), reason: z.string() })),
  /** Of what a human decided: who, when and why; after an edit the new arguments with their own digest; after an answer its text. */
  decidedBy: z.string().nullable(),
  decidedByName: z.string().nullable(),
  decidedAt: z.iso.datetime().nullable(),
  decidedReason: z.string(),
  edited: z.object({ arguments: z.json(), digest: Digest }).nullable(),
  answer: z.string().nullable(),
  /** The proposal whose votes decide on it, under a charter; null where one human does, or policy did. */
  proposal: z.uuid().nullable(),
  /** When whoever carries it out said so, which can be said once; see `ActionCheck`. */
  usedAt: z.iso.datetime().nullable(),
});
export type Action = z.infer<typeof Action>;

/** A page of actions, newest first. */
export const Actions = pageOf(Action);
export type Actions = z.infer<typeof Actions>;

/** `GET /v1/actions`. `state` and `session` narrow it. */
export const ActionsQuery = PageQuery.extend({
  state: ActionState.optional(),
  session: z.uuid().optional(),
  cursor: z
    .string()
    .regex(/^\d{1,15}_[0-9a-f-]{36}$/)
    .optional(),
});
export type ActionsQuery = z.infer<typeof ActionsQuery>;

/** The longest that `GET /v1/actions/:id?wait=` waits for a decision, in seconds. */
export const LONGEST_WAIT = 60;
export const ActionQuery = z.object({ wait: z.coerce.number().int().min(0).max(LONGEST_WAIT).default(0) });

/** Whether a decision is still to come. */
export function isPending({ state }: Pick<Action, 'state'>): boolean {
  return state === 'pending';
}

/**
 * `POST /v1/actions/:id/decision`, by a person who signed in and is not the one who asked. `digest` is that of what the person was shown: if it
 * is not the action's, nothing is decided.
 */
export const ActionVerdict = z.discriminatedUnion('outcome', [
  z.strictObject({ outcome: z.literal('approve'), digest: Digest, reason: plainText(500).default('') }),
  z.strictObject({ outcome: z.literal('edit'), digest: Digest, arguments: z.json(), reason: plainText(500).default('') }),
  /** The human answers in the tool's place. */
  z.strictObject({
    outcome: z.literal('answer'),
    digest: Digest,
    answer: z.string().min(1).max(LONGEST_ARGUMENTS),
    reason: plainText(500).default(''),
  }),
  z.strictObject({ outcome: z.literal('reject'), digest: Digest, reason: plainText(500).min(1) }),
]);
export type ActionVerdict = z.infer<typeof ActionVerdict>;

/**
 * `POST /v1/actions/:id/check`: asked by whoever carries an action out, right before doing so, with exactly what it is about to do. Passes once, where
 * that is what policy allowed or a human approved (after an edit: what the human made of it), and policy still does not deny it.
 */
export const ActionCheck = z.strictObject({ tool: ActionRequest.shape.tool, arguments: z.json() });
export type ActionCheck = z.infer<typeof ActionCheck>;

/** It may be carried out now. `digest` is that of what may; the permission is used up. */
export const ActionChecked = z.object({ id: z.uuid(), digest: Digest, usedAt: z.iso.datetime() });
export type ActionChecked = z.infer<typeof ActionChecked>;
