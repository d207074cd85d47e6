import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import type { LatchTable } from '@wheelhouse/gate/latch-table';
import { FRAME_MAX_BYTES } from '@wheelhouse/protocol/frame';
import { problemOf, type ProblemCode } from '@wheelhouse/protocol/problem';
import { WebSocketServer } from 'ws';
import type { StreamFloor } from './stream-floor.ts';
import { openTicket, type Ticket } from './ticket.ts';

export const STREAM_PATH = '/v1/stream';
const SUBPROTOCOL = 'wheelhouse.v1';
const TICKET_PREFIX = 'ticket.';

export type StreamDoor = {
  readonly table: LatchTable;
  readonly ticketKey: Uint8Array;
  readonly now: () => number;
  readonly floor: StreamFloor;
  readonly owner: () => number;
};

/** Attaches the stream's WebSocket to the thread's HTTP server: a connection comes in with a valid ticket, or not at all. */
export function openStreamDoor(server: Server, door: StreamDoor): void {
  const sockets = new WebSocketServer({
    noServer: true,
    perMessageDeflate: false,
    // Somewhat above the frame's limit, so that a frame a little too large still gets its typed error before the connection ends.
    maxPayload: 2 * FRAME_MAX_BYTES,
    handleProtocols: (offered) => (offered.has(SUBPROTOCOL) ? SUBPROTOCOL : false),
  });
  server.on('upgrade', (request, wire, head) => {
    wire.on('error', () => undefined);
    const entry = checkEntry(request, door);
    if ('refused' in entry) {
      refuse(wire, entry.refused, entry.detail);
      return;
    }
    const handshake = { isDone: false };
    sockets.handleUpgrade(request, wire, head, (socket) => {
      handshake.isDone = true;
      door.floor.attach(entry.ticket, entry.owner, socket, wire);
    });
    // A handshake that ws refuses has used its ticket up, but must not hold the session's slot for ever.
    if (!handshake.isDone) door.table.unclaim(entry.ticket.slot, entry.owner);
  });
}

type Entry = { readonly ticket: Ticket; readonly owner: number } | { readonly refused: ProblemCode; readonly detail: string };

function checkEntry(request: IncomingMessage, door: StreamDoor): Entry {
  // A request line may hold anything, and a throw here would take the whole thread along.
  if (URL.parse(request.url ?? '/', 'http://stream')?.pathname !== STREAM_PATH)
    return { refused: 'not_found', detail: `The stream is at ${STREAM_PATH}.` };
  const offered = (request.headers['sec-websocket-protocol'] ?? '').split(',').map((name) => name.trim());
  const sealed = offered.find((name) => name.startsWith(TICKET_PREFIX))?.slice(TICKET_PREFIX.length);
  const ticket = sealed === undefined || !offered.includes(SUBPROTOCOL) ? null : openTicket(sealed, door.ticketKey, door.now());
  if (ticket === null) {
    return {
      refused: 'unauthenticated',
      detail: `Offer the subprotocols ${SUBPROTOCOL} and ${TICKET_PREFIX}<ticket>, with a ticket from POST /v1/sessions that is not older than 30 seconds.`,
    };
  }
  const owner = door.owner();
  if (!door.table.claim(ticket.slot, owner))
    return { refused: 'session_attached', detail: 'A client is attached to this session already.' };
  if (!door.table.useTicket(ticket.slot, ticket.number)) {
    door.table.unclaim(ticket.slot, owner);
    return { refused: 'unauthenticated', detail: 'This ticket was used already; get another from POST /v1/sessions/:id/ticket.' };
  }
  return { ticket, owner };
}

function refuse(wire: Duplex, code: ProblemCode, detail: string): void {
  const problem = problemOf(code, detail);
  const body = JSON.stringify(problem);
  wire.end(
    `HTTP/1.1 ${problem.status} ${problem.title}\r\nContent-Type: application/problem+json\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
  );
}
