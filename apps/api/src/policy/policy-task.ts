import { Difference, PolicyBundle, PolicyFault, PolicyRequest, PolicyTestResult } from '@wheelhouse/protocol/policy';
import { z } from 'zod';

const count = z.number().int().min(0);

/** What the thread that tries bundles out is told. A bundle of null denies everything. */
export const PolicyTask = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('check'), bundle: PolicyBundle }),
  z.strictObject({ type: z.literal('explain'), bundle: PolicyBundle.nullable(), request: PolicyRequest }),
  z.strictObject({
    type: z.literal('compare'),
    inForce: PolicyBundle.nullable(),
    candidate: PolicyBundle,
    asked: z.array(z.strictObject({ request: PolicyRequest, count })),
  }),
]);
export type PolicyTask = z.infer<typeof PolicyTask>;

/** A bundle tried out. `loaded` null: it has errors. */
export const Tried = z.object({
  loaded: z.object({ digest: z.string(), text: z.string() }).nullable(),
  faults: z.array(PolicyFault),
  tests: z.array(PolicyTestResult),
});
export type Tried = z.infer<typeof Tried>;

/** What two bundles say to the same requests. */
export const Compared = z.object({ decided: count, differing: count, differences: z.array(Difference) });
export type Compared = z.infer<typeof Compared>;
