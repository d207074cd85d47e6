import type { Bulletin } from '../operator/bulletin.ts';
import type { OpenSession } from '../sessions/session-registry.ts';

/** Consoles that connect later have not heard an alarm; it is repeated as long as it is raised. */
const REPEAT_MS = 5000;

export type SessionAlarm = 'supervisor_lost' | 'help_asked';
type Raised = { readonly alarm: SessionAlarm; readonly session: OpenSession; readonly message: string };

/** Alarms about single sessions, for those who may see them; each leads to its session's page. */
export class SessionAlarms {
  readonly #bulletin: Bulletin;
  readonly #raised = new Map<string, Raised>();
  #timer: NodeJS.Timeout | null = null;

  constructor(bulletin: Bulletin) {
    this.#bulletin = bulletin;
  }

  start(): void {
    this.#timer = setInterval(() => {
      for (const raised of this.#raised.values()) this.#post(raised, true);
    }, REPEAT_MS);
  }

  stop(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
  }

  raise(alarm: SessionAlarm, session: OpenSession, message: string): void {
    const raised = { alarm, session, message };
    this.#raised.set(keyOf(raised), raised);
    this.#post(raised, true);
  }

  lower(alarm: SessionAlarm, session: OpenSession, message: string): void {
    if (this.#raised.delete(keyOf({ alarm, session }))) this.#post({ alarm, session, message }, false);
  }

  lowerWhere(alarm: SessionAlarm, isOver: (session: OpenSession) => boolean, message: string): void {
    for (const raised of this.#raised.values())
      if (raised.alarm === alarm && isOver(raised.session)) this.lower(alarm, raised.session, message);
  }

  /** The session is over, and what was wrong with it. */
  forget(session: string): void {
    for (const raised of this.#raised.values())
      if (raised.session.facts.session === session) this.lower(raised.alarm, raised.session, 'The session has ended.');
  }

  #post(raised: Raised, isRaised: boolean): void {
    const { session, tenant } = raised.session.facts;
    const data = { code: keyOf(raised), message: raised.message, raised: isRaised, path: `/sessions/${session}` };
    this.#bulletin.post({ event: 'alarm', data }, tenant);
  }
}

function keyOf({ alarm, session }: Pick<Raised, 'alarm' | 'session'>): string {
  return `${alarm}:${session.facts.session}`;
}
