import type { Session } from '@wheelhouse/protocol/session';
import type { RecordingDesk } from '../content/recording-desk.ts';
import type { EngineSession, PrismaClient } from '../generated/prisma/client.ts';
import type { Principals } from '../identity/principals.ts';
import { endedView } from './session-view.ts';

/** More than this are not looked through. */
const MOST = 1000;

type Parts = {
  readonly prisma: PrismaClient;
  readonly principals: Principals;
  readonly recording: RecordingDesk;
};

/** Sessions that are over, as the database has them. */
export class EndedSessions {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** The newest of those tenants. */
  async newest(isVisible: (tenant: string) => boolean): Promise<Session[]> {
    const query = { where: { endedAt: { not: null } }, orderBy: { openedAt: 'desc' }, take: MOST } as const;
    const rows = await this.#parts.prisma.engineSession.findMany(query);
    return rows.filter((row) => isVisible(row.tenant)).map((row) => this.#view(row));
  }

  async find(id: string): Promise<Session | null> {
    const row = await this.#parts.prisma.engineSession.findUnique({ where: { id } });
    return row === null ? null : this.#view(row);
  }

  #view(row: EngineSession): Session {
    const { principals, recording } = this.#parts;
    return endedView(row, { nameOf: (person) => principals.nameOf(person), recorded: recording.agreed(row.id) });
  }
}

export type SessionsQuery = { readonly state: Session['state'] | null; readonly cursor: string | null; readonly limit: number };

/** A page of sessions, newest first. */
export function pageOfSessions(sessions: readonly Session[], { state, cursor, limit }: SessionsQuery) {
  const all = sessions.filter((session) => state === null || session.state === state);
  all.sort((a, b) => b.openedAt.localeCompare(a.openedAt) || a.id.localeCompare(b.id));
  const from = cursor === null ? 0 : all.findIndex((session) => session.id === cursor) + 1;
  const items = all.slice(from, from + limit);
  return { items, next: from + limit < all.length ? (items.at(-1)?.id ?? null) : null };
}
