import { parseArgs } from 'node:util';
import type { Session } from '@wheelhouse/protocol/session';
import type { ApiClient } from '@wheelhouse/sdk/api-client';
import { EXIT, type Exit } from '../cli-error.ts';
import type { Settings } from '../settings.ts';
import { API_OPTIONS, withServer } from './connection.ts';

const OPTIONS = { ...API_OPTIONS, state: { type: 'string' } } as const;

/** `wheelhouse sessions`: lists the sessions that the key may see. */
export async function sessionsCommand(args: readonly string[], settings: Settings): Promise<Exit> {
  const { values } = parseArgs({ args: [...args], options: OPTIONS });
  const sessions = await withServer(settings, values, (api) => allSessions(api, values.state));
  process.stdout.write(values.json === true ? `${JSON.stringify(sessions, null, 2)}\n` : listText(sessions));
  return EXIT.fine;
}

async function allSessions(api: ApiClient, state: string | undefined): Promise<Session[]> {
  const sessions: Session[] = [];
  let cursor: string | null = null;
  do {
    const query = new URLSearchParams({ limit: '100', ...(state === undefined ? {} : { state }), ...(cursor === null ? {} : { cursor }) });
    const page: { items: Session[]; next: string | null } = await api.sessions(`?${query.toString()}`);
    sessions.push(...page.items);
    cursor = page.next;
  } while (cursor !== null);
  return sessions;
}

function listText(sessions: readonly Session[]): string {
  if (sessions.length === 0) return 'No sessions.\n';
  return sessions.map((session) => `${lineOf(session)}\n`).join('');
}

function lineOf(session: Session): string {
  const latched = session.latched.length === 0 ? '' : `  LATCHED: ${session.latched.join(', ')}`;
  const level = session.effectiveLevel === session.level ? `level ${session.level}` : `level ${session.effectiveLevel} of ${session.level}`;
  return `${session.id}  ${session.state.padEnd(7)}  tick ${session.tick}  #${session.lastSequence}  ${level}  ${session.deployment}  ${session.tenant}${latched}`;
}
