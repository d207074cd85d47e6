import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { LatchTable } from '@wheelhouse/gate/latch-table';
import { problemOf, type Problem, type ProblemCode } from '@wheelhouse/protocol/problem';
import type { WebSocket } from 'ws';
import type { WireFactory } from './client-wire.ts';
import type { ControlLine, ThreadTold } from './control-line.ts';
import type { StreamFloor } from './stream-floor.ts';
import { openTicket, type Ticket } from './ticket.ts';

/** A request to become a WebSocket, before the handshake. */
export type Upgrade = { readonly request: IncomingMessage; readonly url: URL; readonly wire: Duplex; readonly head: Buffer };

/** What a thread's doors lead to. */
export type DoorParts = {
  readonly table: LatchTable;
  readonly ticketKey: Uint8Array;
  readonly now: () => number;
  readonly floor: StreamFloor;
  /** A number for a connection, never given twice. */
  readonly owner: () => number;
  readonly control: ControlLine;
  /** Ends the session that was opened by this answer, for its client will not come to it; nothing where none was. */
  readonly leave: (opened: ThreadTold, reason: string) => void;
};

/** Why a session ended that was opened for a client who had gone by then. */
export const GONE_BEFORE = 'the client went before it was attached';

/** One way in: takes an upgrade whose path is its own, or refuses it with a problem. It must not throw. */
export type Door = { readonly opens: (path: string) => boolean; readonly enter: (upgrade: Upgrade) => void };

/** A ticket that this connection has used, and the number under which it holds the session's slot. */
export type Entry = { readonly ticket: Ticket; readonly owner: number };

/** Uses a sealed ticket up: from then on the slot is this connection's, until `table.unclaim` or until the floor says that it went. */
export function useTicket(sealed: string, door: DoorParts): Entry | Problem {
  const ticket = openTicket(sealed, door.ticketKey, door.now());
  if (ticket === null) return problemOf('unauthenticated', 'The ticket was not made here, or is older than 30 seconds.');
  const owner = door.owner();
  if (!door.table.claim(ticket.slot, owner)) return problemOf('session_attached', 'A client is attached to this session already.');
  if (!door.table.useTicket(ticket.slot, ticket.number)) {
    door.table.unclaim(ticket.slot, owner);
    return problemOf('unauthenticated', 'This ticket was used already; get another from POST /v1/sessions/:id/ticket.');
  }
  return { ticket, owner };
}

/** Lets a connection in: from here on the floor looks after it. */
export function attach(entry: Entry, line: { socket: WebSocket; wire: Duplex }, to: { door: DoorParts; protocol: WireFactory }): void {
  to.door.floor.attach(entry, line, to.protocol);
}

/** Refuses an upgrade in HTTP, before there is a WebSocket. */
export function refuseUpgrade(wire: Duplex, problem: Problem): void {
  const body = JSON.stringify(problem);
  wire.end(
    `HTTP/1.1 ${problem.status} ${problem.title}\r\nContent-Type: application/problem+json\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
  );
}

export function refuseWith(wire: Duplex, code: ProblemCode, detail: string): void {
  refuseUpgrade(wire, problemOf(code, detail));
}
