import type { Session } from '@wheelhouse/protocol/session';
import { z } from 'zod';

export const STATE_FILTERS = ['open', 'live', 'waiting', 'latched', 'ended'] as const;
export const StateFilter = z.enum(STATE_FILTERS);
export type StateFilter = z.infer<typeof StateFilter>;

export type SessionFilter = { readonly state: StateFilter; readonly text: string };

/** Sessions that pass the filter, newest first: a list that is watched must not change its order because of a meter. */
export function filtered(sessions: Iterable<Session>, filter: SessionFilter): Session[] {
  const words = filter.text.toLowerCase().split(/\s+/).filter(Boolean);
  return [...sessions]
    .filter((session) => inState(session, filter.state) && words.every((word) => textOf(session).includes(word)))
    .sort((a, b) => b.openedAt.localeCompare(a.openedAt) || a.id.localeCompare(b.id));
}

function inState(session: Session, state: StateFilter): boolean {
  switch (state) {
    case 'open':
      return session.state !== 'ended';
    case 'live':
    case 'waiting':
    case 'ended':
      return session.state === state;
    case 'latched':
      return session.state !== 'ended' && session.latched.length > 0;
  }
}

function textOf(session: Session): string {
  return [session.id, session.deployment, session.model, session.tenant, session.openedByName, ...session.latched].join(' ').toLowerCase();
}

/** The session that a step of `by` leads to; from nowhere, the first. */
export function stepped(sessions: readonly Session[], selected: string | null, by: number): string | null {
  if (sessions.length === 0) return null;
  const at = sessions.findIndex((session) => session.id === selected);
  const next = at === -1 ? 0 : Math.max(0, Math.min(sessions.length - 1, at + by));
  return sessions[next]?.id ?? null;
}
