import { z } from 'zod';
import { Level } from './level.ts';
import { plainText } from './text.ts';

const Name = plainText(200).min(1);

/** What an order covers. */
export const Scope = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('session'), session: z.uuid() }),
  z.strictObject({ type: z.literal('deployment'), deployment: Name }),
  z.strictObject({ type: z.literal('model'), model: Name }),
  z.strictObject({ type: z.literal('tenant'), tenant: Name }),
  z.strictObject({ type: z.literal('level'), atLeast: Level }),
  z.strictObject({ type: z.literal('everything') }),
]);
export type Scope = z.infer<typeof Scope>;

/** A scope in words, for people. */
export function scopeInWords(scope: Scope): string {
  switch (scope.type) {
    case 'session':
      return `session ${scope.session}`;
    case 'deployment':
      return `deployment ${scope.deployment}`;
    case 'model':
      return `model ${scope.model}`;
    case 'tenant':
      return `tenant ${scope.tenant}`;
    case 'level':
      return `level ${scope.atLeast} and above`;
    case 'everything':
      return 'everything';
  }
}
