import type { Scope } from '@wheelhouse/protocol/scope';

/** What a scope asks about a session, as its `session.opened` says it. `level` is the one granted at opening, which no order changes. */
export type OpenedSession = {
  readonly session: string;
  readonly tenant: string;
  readonly deployment: string;
  readonly model: string;
  readonly level: number;
};

/** Whether an order of this scope covers the session. Said again here rather than shared with the gate, whose work is what the audit checks. */
export function scopeCovers(scope: Scope, opened: OpenedSession): boolean {
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
      return opened.level >= scope.atLeast;
    case 'everything':
      return true;
  }
}
