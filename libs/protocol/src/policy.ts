import { z } from 'zod';
import { Level } from './level.ts';
import { Signals } from './signals.ts';
import { plainText } from './text.ts';

/** Places where policy decides. */
export const CHECKPOINTS = [
  'session.open',
  'tick.input',
  'tick.output',
  'tool.call',
  'level.change',
  'finetune.create',
  'deployment.promote',
  'record.export',
] as const;
export const Checkpoint = z.enum(CHECKPOINTS);
export type Checkpoint = z.infer<typeof Checkpoint>;

/** Checkpoints where callers ask, and enforce the answer themselves. At every other one Wheelhouse asks by itself, where it is done. */
export const ASKED_CHECKPOINTS = ['tool.call', 'finetune.create', 'deployment.promote'] as const satisfies readonly Checkpoint[];
export const AskedCheckpoint = z.enum(ASKED_CHECKPOINTS);
export type AskedCheckpoint = z.infer<typeof AskedCheckpoint>;

/** Those of them that change what models there are, which is a power of the charter under the same name. */
export const MODEL_CHECKPOINTS = ['finetune.create', 'deployment.promote'] as const satisfies readonly AskedCheckpoint[];
export const ModelCheckpoint = z.enum(MODEL_CHECKPOINTS);
export type ModelCheckpoint = z.infer<typeof ModelCheckpoint>;

/** A checkpoint's answers, from the mildest to the strictest. `hold`: a human must decide. */
export const VERDICTS = ['allow', 'redact', 'hold', 'deny'] as const;
export const Verdict = z.enum(VERDICTS);
export type Verdict = z.infer<typeof Verdict>;

/** Ticks for which output is held back before it leaves, at most. */
export const MOST_HOLD_BACK = 5;

/** What a verdict binds the house to. Where several policies ask, the strictest counts: the longest window, `stop` before `hold` before `pass`. */
export const Obligations = z.strictObject({
  /** Ticks that output waits for its verdict. The delay that it adds is exactly this. */
  holdBack: z.number().int().min(0).max(MOST_HOLD_BACK),
  /** What becomes of output whose verdict is not there when its window ends. */
  onTimeout: z.enum(['hold', 'pass', 'stop']),
  /** Whether audio that leaves carries a mark that says it was made by a machine. */
  watermark: z.boolean(),
  /** Who is told: `operators`. */
  notify: z.array(z.string().max(40)).max(8),
  /** Whether the decision enters the ledger by itself even where it allows. */
  record: z.boolean(),
});
export type Obligations = z.infer<typeof Obligations>;

export const NO_OBLIGATIONS: Obligations = { holdBack: 0, onTimeout: 'hold', watermark: false, notify: [], record: false };

/** What a checkpoint asks about. Facts of the moment, never content: policy decides on what detectors say of the content. */
export const PolicyRequest = z.strictObject({
  checkpoint: Checkpoint,
  /** Who acts. Of ticks and tool calls it is the engine that speaks in the session; of everything else, a person or a key. */
  principal: z.strictObject({
    kind: z.enum(['engine', 'person', 'key']),
    id: z.string().max(200),
    role: z.string().max(40),
    tenant: z.string().max(200),
  }),
  /** What it is done to: a session, a tool, a deployment, an export, a fine-tune. */
  resource: z.strictObject({
    kind: z.enum(['session', 'tool', 'deployment', 'export', 'fine_tune']),
    id: z.string().max(200),
    tenant: z.string().max(200),
  }),
  context: z.strictObject({
    level: Level,
    deployment: z.string().max(200),
    model: z.string().max(200),
    /** Of ticks. */
    signals: Signals.optional(),
    /** Of tool calls. */
    tool: z.strictObject({ name: z.string().max(200), reversible: z.boolean(), risks: z.array(z.string().max(40)).max(20) }).optional(),
    /** Of a level's change: the level asked for. */
    to: Level.optional(),
    /** Of exports. */
    profile: z.string().max(40).optional(),
  }),
});
export type PolicyRequest = z.infer<typeof PolicyRequest>;

/**
 * A checkpoint's verdict, with what it rests on. `errors` is empty unless something went wrong (a policy failed, the request does not fit the
 * schema, there is no bundle), in which case the verdict is `deny`.
 */
export const Decision = z.strictObject({
  verdict: Verdict,
  /** Ids of the policies that decided, sorted. */
  policies: z.array(z.string().max(200)).max(100),
  obligations: Obligations,
  errors: z.array(z.string().max(1000)).max(20),
  /** Digest of the bundle that decided: `sha256:` and 64 hexadecimal digits. */
  bundle: z.string().max(80),
});
export type Decision = z.infer<typeof Decision>;

/** A bundle is kept in one entry of the ledger. */
export const LONGEST_BUNDLE = 40_000;

/**
 * A policy bundle: Cedar policies by file name, the schema, tools that are known, and requests that each policy must answer as said. Its digest is
 * SHA-256 over its RFC 8785 rendering.
 */
export const PolicyBundle = z.strictObject({
  name: plainText(100).min(1),
  /** Cedar text by file name (`tick-output.cedar`). */
  policies: z.record(z.string().regex(/^[a-z0-9][a-z0-9-]{0,60}\.cedar$/), z.string().max(20_000)),
  /** Cedar schema in its human-readable syntax. */
  schema: z.string().max(20_000),
  /** Tools that engines may ask for; a tool that is not here can't be taken back and has the risk `unknown`. */
  tools: z.record(
    z.string().max(200),
    z.strictObject({ reversible: z.boolean(), risks: z.array(z.string().max(40)).max(20), description: z.string().max(300) }),
  ),
  tests: z
    .array(
      z.strictObject({ name: plainText(200).min(1), request: PolicyRequest, verdict: Verdict, policies: z.array(z.string()).optional() }),
    )
    .max(300),
});
export type PolicyBundle = z.infer<typeof PolicyBundle>;

/** One test's result. `got` null: the request was no request. */
export const PolicyTestResult = z.object({ name: z.string(), ok: z.boolean(), expected: Verdict, got: Decision });
export type PolicyTestResult = z.infer<typeof PolicyTestResult>;

/** What `lint` and `load` find. An error keeps the bundle from being loaded. */
export const PolicyFault = z.object({
  severity: z.enum(['error', 'warning']),
  code: z.string(),
  file: z.string().nullable(),
  policy: z.string().nullable(),
  message: z.string(),
});
export type PolicyFault = z.infer<typeof PolicyFault>;

/** `POST /v1/policy/explain`: a decision with everything that it rests on, in words. */
export const Explanation = z.object({
  request: PolicyRequest,
  decision: Decision,
  /** Each policy that applied, what it says, and why in its author's words (`@reason`). */
  because: z.array(
    z.object({ policy: z.string(), effect: z.enum(['permit', 'forbid']), verdict: Verdict, reason: z.string(), text: z.string() }),
  ),
  /** One line a person can read. */
  words: z.string(),
});
export type Explanation = z.infer<typeof Explanation>;

/** A decision that two bundles answer differently. `count`: how often in what was looked at. */
export const Difference = z.object({ request: PolicyRequest, inForce: Decision, candidate: Decision, count: z.number().int() });
export type Difference = z.infer<typeof Difference>;
