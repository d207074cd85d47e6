import { parseArgs } from 'node:util';
import { pageOf } from '@wheelhouse/protocol/page';
import { Session } from '@wheelhouse/protocol/session';
import { EXIT, type Exit } from '../cli-error.ts';
import type { Settings } from '../settings.ts';
import { API_OPTIONS, ApiClient } from './api-client.ts';

const OPTIONS = { ...API_OPTIONS, state: { type: 'string' } } as const;
const Page = pageOf(Session);

/** `wheelhouse sessions`: lists the sessions that the key may see. */
export async function sessionsCommand(args: readonly string[], settings: Settings): Promise<Exit> {
  const { values } = parseArgs({ args: [...args], options: OPTIONS });
  const client = new ApiClient(settings, values);
  const sessions: Session[] = [];
  let cursor: string | null = null;
  do {
    const query = new URLSearchParams({
      limit: '100',
      ...(values.state === undefined ? {} : { state: values.state }),
      ...(cursor === null ? {} : { cursor }),
    });
    const page: { items: Session[]; next: string | null } = await client.call(Page, {
      method: 'GET',
      path: `/v1/sessions?${query.toString()}`,
    });
    sessions.push(...page.items);
    cursor = page.next;
  } while (cursor !== null);
  process.stdout.write(values.json === true ? `${JSON.stringify(sessions, null, 2)}\n` : listText(sessions));
  return EXIT.fine;
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
