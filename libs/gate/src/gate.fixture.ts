import type { Level } from '@wheelhouse/protocol/level';
import { LATCH_KINDS } from '@wheelhouse/protocol/order';
import type { Scope } from '@wheelhouse/protocol/scope';
import fc from 'fast-check';
import type { SessionFacts } from './coverage.ts';

/** A small world, so that scopes and sessions meet often. */
const SESSIONS = ['00000000-0000-4000-8000-000000000001', '00000000-0000-4000-8000-000000000002', '00000000-0000-4000-8000-000000000003'];

export const anyLevel: fc.Arbitrary<Level> = fc.constantFrom(1, 2, 3, 4, 5);
export const anyKind = fc.constantFrom(...LATCH_KINDS);

export const anyScope: fc.Arbitrary<Scope> = fc.oneof(
  fc.constantFrom(...SESSIONS).map((session) => ({ type: 'session', session }) as const),
  fc.constantFrom('relay', 'echo').map((deployment) => ({ type: 'deployment', deployment }) as const),
  fc.constantFrom('loopback', 'flite').map((model) => ({ type: 'model', model }) as const),
  fc.constantFrom('house', 'guest').map((tenant) => ({ type: 'tenant', tenant }) as const),
  anyLevel.map((atLeast) => ({ type: 'level', atLeast }) as const),
  fc.constant({ type: 'everything' } as const),
);

export const anyFacts: fc.Arbitrary<SessionFacts> = fc.record({
  session: fc.constantFrom(...SESSIONS),
  tenant: fc.constantFrom('house', 'guest'),
  deployment: fc.constantFrom('relay', 'echo'),
  model: fc.constantFrom('loopback', 'flite'),
  level: anyLevel,
});

export const anyLatch = fc
  .tuple(anyKind, anyLevel, anyScope)
  .map(([kind, level, scope]) => ({ kind, level: kind === 'level' ? level : null, scope }));
