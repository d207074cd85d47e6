import { problemOf } from '@wheelhouse/protocol/problem';
import type { Logger } from 'pino';
import type { Principals } from '../identity/principals.ts';
import { Refusal } from '../problem/refusal.ts';
import type { SessionDesk } from '../sessions/session-desk.ts';
import type { SidebandDesk } from '../supervision/sideband-desk.ts';
import type { SupervisionDesk } from '../supervision/supervision-desk.ts';
import type { ThreadAsk, ThreadTold } from './control-line.ts';

type Parts = {
  readonly principals: Principals;
  readonly sessions: SessionDesk;
  readonly supervision: SupervisionDesk;
  readonly sidebands: SidebandDesk;
  /** The thread that asks. */
  readonly thread: number;
  readonly log: Logger;
};

/** The control thread's answer to a stream thread that has somebody at its door. Never rejects. */
export async function answerThread(ask: ThreadAsk, parts: Parts): Promise<ThreadTold> {
  try {
    return await answer(ask, parts);
  } catch (error) {
    if (error instanceof Refusal) return { ok: false, problem: error.problem };
    parts.log.error({ err: error, ask: ask.what }, 'a stream thread asked in vain');
    return { ok: false, problem: problemOf('internal', 'Something went wrong here; the log of the server says what.') };
  }
}

async function answer(ask: ThreadAsk, { principals, sessions, supervision, sidebands, thread }: Parts): Promise<ThreadTold> {
  if (ask.what === 'supervise') return { ok: true, principal: await supervision.admit(ask.supervision, thread), ticket: null };
  if (ask.what === 'sideband.act') return { ok: true, ticket: null, ...(await sidebands.act(ask.supervision, ask.act, ask.at)) };
  const principal = await principals.of(ask.credentials);
  if (principal === null)
    return { ok: false, problem: problemOf('unauthenticated', 'Send Authorization: Bearer with an API key (wh_...).') };
  switch (ask.what) {
    case 'authenticate':
      return { ok: true, principal, ticket: null };
    case 'sideband': {
      const { credentials, session } = ask;
      return { ok: true, principal, ticket: null, sideband: await sidebands.attach(principal, session, { credentials, thread }) };
    }
    case 'open': {
      const level = ask.level ?? 3;
      const { ticket, session } = await sessions.open(principal, { deployment: ask.deployment, level });
      return { ok: true, principal, ticket, session: session.id };
    }
  }
}
