import { parseArgs } from 'node:util';
import type { Session } from '@wheelhouse/protocol/session';
import type { ApiClient } from '@wheelhouse/sdk/api-client';
import { everyItem } from '@wheelhouse/sdk/every-item';
import { z } from 'zod';
import { EXIT, type Exit, usage } from '../cli-error.ts';
import type { Settings } from '../settings.ts';
import { API_OPTIONS, withServer } from './connection.ts';

const OPTIONS = { ...API_OPTIONS, state: { type: 'string' } } as const;

/** `wheelhouse sessions [list]` lists the sessions that the key may see; `sessions show ID` tells of one. */
export async function sessionsCommand(args: readonly string[], settings: Settings): Promise<Exit> {
  const { values, positionals } = parseArgs({ args: [...args], options: OPTIONS, allowPositionals: true });
  const sessions = await withServer(settings, values, asked(positionals, values.state));
  process.stdout.write(values.json === true ? `${JSON.stringify(sessions, null, 2)}\n` : textOf(sessions));
  return EXIT.fine;
}

function asked(
  [act = 'list', id, ...rest]: readonly string[],
  state: string | undefined,
): (api: ApiClient) => Promise<Session[] | Session> {
  if (act === 'list' && id === undefined) return (api) => allSessions(api, state);
  if (act === 'show' && z.uuid().safeParse(id).success && rest.length === 0) return (api) => api.session(id ?? '');
  throw usage('sessions takes "list" (or nothing), or "show" with the id of a session.');
}

async function allSessions(api: ApiClient, state: string | undefined): Promise<Session[]> {
  const sessions: Session[] = [];
  const filter = { limit: '100', ...(state === undefined ? {} : { state }) };
  for await (const session of everyItem((query) => api.sessions(query), filter)) sessions.push(session);
  return sessions;
}

function textOf(sessions: readonly Session[] | Session): string {
  return 'id' in sessions ? `${lineOf(sessions)}\n${detailsOf(sessions)}` : listText(sessions);
}

function detailsOf({ openedAt, openedByName, endedAt, recorded }: Session): string {
  const ended = endedAt === null ? '' : `, ended ${endedAt}`;
  return `  opened ${openedAt} by ${openedByName}${ended}\n  recorded: ${recorded.length === 0 ? 'nothing' : recorded.join(', ')}\n`;
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
