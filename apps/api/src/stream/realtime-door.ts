import type { IncomingMessage } from 'node:http';
import { Level } from '@wheelhouse/protocol/level';
import { LONGEST_EVENT } from '@wheelhouse/realtime/realtime-client-events';
import { type WebSocket, WebSocketServer } from 'ws';
import type { DoorCredentials } from './control-line.ts';
import { RealtimeWire } from './realtime-wire.ts';
import { attach, type Door, type DoorParts, GONE_BEFORE, refuseUpgrade, refuseWith, type Upgrade, useTicket } from './stream-door.ts';

export const REALTIME_PATH = '/v1/realtime';
const SUBPROTOCOL = 'realtime';
const KEY_PREFIX = 'openai-insecure-api-key.';
const QUERY = ['model', 'wheelhouse_level'];

/** What a connection asks for, or why it can't have it. */
type Wish =
  { readonly deployment: string; readonly level: Level | null } | { readonly code: 'malformed' | 'unsupported'; readonly wrong: string };

/** `/v1/realtime?model=NAME`: the OpenAI Realtime protocol. Each connection is a session of its own, and ends with it. */
export function realtimeDoor(door: DoorParts): Door {
  const sockets = new WebSocketServer({
    noServer: true,
    perMessageDeflate: false,
    // Above the limit of an event, so that one that is somewhat too large still gets its typed error.
    maxPayload: 4 * LONGEST_EVENT,
    handleProtocols: (offered) => (offered.has(SUBPROTOCOL) ? SUBPROTOCOL : false),
  });
  return {
    opens: (path) => path === REALTIME_PATH,
    enter: (upgrade) => {
      const credentials = credentialsOf(upgrade.request);
      if (credentials === null) {
        const detail = `Send Authorization: Bearer with an API key (wh_...), or offer the subprotocols ${SUBPROTOCOL} and ${KEY_PREFIX}<key>.`;
        refuseWith(upgrade.wire, 'unauthenticated', detail);
        return;
      }
      const wish = wishOf(upgrade);
      if ('wrong' in wish) refuseWith(upgrade.wire, wish.code, wish.wrong);
      else void open(upgrade, credentials, wish, { door, sockets });
    },
  };
}

async function open(
  { request, wire, head }: Upgrade,
  credentials: DoorCredentials,
  wish: Exclude<Wish, { wrong: string }>,
  { door, sockets }: { door: DoorParts; sockets: WebSocketServer },
): Promise<void> {
  const level = wish.level === null ? {} : { level: wish.level };
  const told = await door.control.ask({ what: 'open', credentials, deployment: wish.deployment, ...level });
  if (!told.ok) {
    if (!wire.destroyed) refuseUpgrade(wire, told.problem);
    return;
  }
  if (wire.destroyed) {
    door.leave(told, GONE_BEFORE);
    return;
  }
  if (told.ticket === null) {
    refuseWith(wire, 'internal', 'The session was opened without a ticket. Try again.');
    return;
  }
  const entry = useTicket(told.ticket, door);
  if ('code' in entry) {
    refuseUpgrade(wire, entry);
    door.leave(told, entry.detail);
    return;
  }
  const handshake = { isDone: false };
  sockets.handleUpgrade(request, wire, head, (socket) => {
    handshake.isDone = true;
    attach(entry, { socket, wire }, { door, protocol: (session) => endingWith(socket, session) });
  });
  // A handshake that ws refuses has used its ticket up: nobody can come to the session any more, nor may its slot be held.
  if (handshake.isDone) return;
  door.table.unclaim(entry.ticket.slot, entry.owner);
  door.leave(told, 'the client’s handshake was refused');
}

/** Clients of this protocol have no way to come back to a session: it ends with its connection. */
function endingWith(socket: WebSocket, session: ConstructorParameters<typeof RealtimeWire>[0]): RealtimeWire {
  socket.once('close', () => {
    session.end('the client closed its connection');
  });
  return new RealtimeWire(session);
}

/** The key that the request brings: as browsers can, in a subprotocol, or in the header. Cookies don't count: any page could send them. */
function credentialsOf({ headers }: IncomingMessage): DoorCredentials | null {
  const offered = (headers['sec-websocket-protocol'] ?? '').split(',').map((name) => name.trim());
  const key = offered.find((name) => name.startsWith(KEY_PREFIX))?.slice(KEY_PREFIX.length);
  if (headers.authorization !== undefined) return { authorization: headers.authorization };
  return key === undefined ? null : { authorization: `Bearer ${key}` };
}

function wishOf({ request, url }: Upgrade): Wish {
  const unknown = [...url.searchParams.keys()].find((name) => !QUERY.includes(name));
  if (unknown !== undefined) {
    const wrong = `The query parameter '${unknown.slice(0, 64)}' is not supported; there are model and wheelhouse_level.`;
    return { code: 'unsupported', wrong };
  }
  const deployment = url.searchParams.get('model');
  if (deployment === null || deployment === '' || deployment.length > 200)
    return { code: 'malformed', wrong: 'Name a deployment as ?model=NAME; GET /v1/deployments lists them.' };
  const asked = url.searchParams.get('wheelhouse_level') ?? headerOf(request, 'wheelhouse-level');
  if (asked === null) return { deployment, level: null };
  const level = Level.safeParse(/^\d$/.test(asked) ? Number(asked) : null);
  return level.success
    ? { deployment, level: level.data }
    : { code: 'malformed', wrong: 'wheelhouse_level is a level of autonomy from 1 to 5.' };
}

function headerOf({ headers }: IncomingMessage, name: string): string | null {
  const value = headers[name];
  return typeof value === 'string' ? value : null;
}
