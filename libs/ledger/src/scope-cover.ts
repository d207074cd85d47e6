import type { Scope } from '@wheelhouse/protocol/scope';
import type { SessionFacts } from './session-evidence.ts';

/**
 * Whether an order of this scope covers the session, as far as its facts are known: one that is not shown (null) fits no scope. Said again here
 * rather than shared with the gate, whose work is what the audit checks.
 */
export function scopeCovers(scope: Scope, opened: SessionFacts): boolean {
  switch (scope.type) {
    case 'session':
      return scope.session === opened.session;
    case 'deployment':
      return scope.deployment === opened.deployment;
    case 'model':
      return scope.model === opened.model;
    case 'tenant':
      return scope.tenant === opened.tenant;
    case 'level':
      return opened.level !== null && opened.level >= scope.atLeast;
    case 'everything':
      return true;
  }
}
