import { z } from 'zod';
import { ACTION_STATES, ActionKind } from './action.ts';
import { Digest } from './charter.ts';
import { Checkpoint, LONGEST_BUNDLE, Verdict } from './policy.ts';

const base64 = z.base64();
const count = z.number().int();

/** What entries say of policy, of what waits for a human, and of humans in live sessions: part of the kinds of `ledger-entry.ts`. */
export const CHECKPOINT_KINDS = {
  /**
   * A checkpoint answered: what it was asked (facts and signals, no content), what it said, and the policies that decided. Of ticks only what was
   * not allowed, once a second at most for the same answer: `times` says how often, in the ticks up to `tick`. Where one act reaches many sessions, `times`
   * says of how many it was the answer.
   */
  'checkpoint.decided': {
    checkpoint: Checkpoint,
    session: z.uuid().optional(),
    tick: count.optional(),
    times: count.optional(),
    verdict: Verdict,
    policies: z.array(z.string()).max(100),
    problems: z.array(z.string().max(1000)).max(20),
    bundle: z.string(),
    request: z.record(z.string(), z.json()),
  },
  /** A policy bundle is in force from here on: its whole text, in its canonical rendering. `proposal` is absent for the one that Wheelhouse brought along. */
  'policy.adopted': { proposal: z.uuid().optional(), bundle: z.string(), name: z.string(), bundleText: z.string().max(LONGEST_BUNDLE) },
  /** One person went back to the bundle that had been in force before. */
  'policy.rolled_back': { order: z.uuid(), bundle: z.string(), replaced: z.string(), reason: z.string() },
  /** An agent, a service or an engine asked for something that a human has to decide, or that policy decided. `digest` commits to it and its arguments. */
  'action.asked': {
    action: z.uuid(),
    tenant: z.string(),
    session: z.uuid().optional(),
    what: ActionKind,
    tool: z.string(),
    digest: Digest,
    outcome: z.enum(ACTION_STATES),
    policies: z.array(z.string()).max(100),
    bundle: z.string(),
    until: z.iso.datetime(),
    reason: z.string(),
  },
  /**
   * What became of one that waited. `digest` is that of what was shown to whoever decided, `edited` that of what the person made of it. `proposal`: the
   * approval that it uses up, where the charter's votes decided.
   */
  'action.decided': {
    action: z.uuid(),
    proposal: z.uuid().optional(),
    outcome: z.enum(ACTION_STATES),
    digest: Digest,
    edited: Digest.optional(),
    reason: z.string(),
  },
  /** A human began to listen in, to speak to both, or to speak in the engine's place; `ended` when that is over. `order` is the latch of a take-over. */
  'supervision.began': {
    supervision: z.uuid(),
    session: z.uuid(),
    verb: z.enum(['monitor', 'barge', 'take_over']),
    order: z.uuid().optional(),
  },
  'supervision.ended': { supervision: z.uuid(), session: z.uuid(), lastTick: count },
  /** The engine asked for a human. `text` is the digest of its words. */
  'help.asked': { session: z.uuid(), tick: count, text: base64 },
  /** The engine was told what had happened while it was not heard, and may go on. `text` is the digest of the summary. */
  'session.handed_back': { session: z.uuid(), release: z.uuid(), text: base64 },
} as const satisfies Record<string, z.ZodRawShape>;
