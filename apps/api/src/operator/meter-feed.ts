import { subject } from '@casl/ability';
import { abilitiesOf } from '@wheelhouse/access/abilities';
import type { Principal } from '@wheelhouse/protocol/identity';
import type { OperatorEvent } from '@wheelhouse/protocol/operator-message';
import type { WebSocket } from 'ws';
import type { OpenSession, SessionRegistry } from '../sessions/session-registry.ts';

const EVERY_MS = 200;
/** Meters of this many sessions are written in one turn of the event loop: an order must not wait behind a long one. */
const SESSIONS_A_TURN = 200;
/** A console that does not keep up is left out of a round rather than buffered for. */
const MOST_UNSENT = 1024 * 1024;

type Sees = (session: OpenSession) => boolean;
type Reader = { readonly socket: WebSocket; readonly sees: Sees };
type Readers = (seesOf: (principal: Principal) => Sees) => readonly Reader[];

/** Sends the live figures of sessions to consoles, five times a second. */
export class MeterFeed {
  readonly #registry: SessionRegistry;
  #readers: Readers | null = null;
  #timer: NodeJS.Timeout | null = null;

  constructor(registry: SessionRegistry) {
    this.#registry = registry;
  }

  feed(readers: Readers): void {
    this.#readers = readers;
  }

  start(): void {
    this.#timer = setInterval(() => {
      const readers = this.#readers?.(seesOf) ?? [];
      if (readers.length > 0)
        this.#round(
          [...this.#registry.all()].filter((session) => session.state === 'live'),
          0,
          readers,
        );
    }, EVERY_MS);
  }

  stop(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
  }

  #round(sessions: readonly OpenSession[], from: number, readers: readonly Reader[]): void {
    const some = sessions.slice(from, from + SESSIONS_A_TURN);
    for (const { socket, sees } of readers) {
      const data = some.filter(sees).map((session) => this.#registry.metersOf(session));
      if (data.length === 0 || socket.readyState !== socket.OPEN || socket.bufferedAmount > MOST_UNSENT) continue;
      socket.send(JSON.stringify({ event: 'meters', data } satisfies OperatorEvent));
    }
    if (from + SESSIONS_A_TURN < sessions.length) {
      setImmediate(() => {
        this.#round(sessions, from + SESSIONS_A_TURN, readers);
      });
    }
  }
}

/** Which sessions a caller may see, asked once for each tenant. */
function seesOf(principal: Principal): Sees {
  const may = abilitiesOf(principal);
  const tenants = new Map<string, boolean>();
  return ({ facts: { tenant } }) => {
    const known = tenants.get(tenant) ?? may.can('read', subject('Session', { tenant }));
    tenants.set(tenant, known);
    return known;
  };
}
