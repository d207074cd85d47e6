import { FRAME_MAX_BYTES } from '@wheelhouse/protocol/frame';
import { WebSocketServer } from 'ws';
import { binaryWire } from './binary-wire.ts';
import { attach, type Door, type DoorParts, refuseUpgrade, refuseWith, useTicket } from './stream-door.ts';

export const STREAM_PATH = '/v1/stream';
const SUBPROTOCOL = 'wheelhouse.v1';
const TICKET_PREFIX = 'ticket.';

/** `/v1/stream`: the binary tick protocol. A connection comes in with a valid ticket, or not at all. */
export function ticketDoor(door: DoorParts): Door {
  const sockets = new WebSocketServer({
    noServer: true,
    perMessageDeflate: false,
    // Somewhat above the frame's limit, so that a frame a little too large still gets its typed error before the connection ends.
    maxPayload: 2 * FRAME_MAX_BYTES,
    handleProtocols: (offered) => (offered.has(SUBPROTOCOL) ? SUBPROTOCOL : false),
  });
  return {
    opens: (path) => path === STREAM_PATH,
    enter: ({ request, wire, head }) => {
      const offered = (request.headers['sec-websocket-protocol'] ?? '').split(',').map((name) => name.trim());
      const sealed = offered.find((name) => name.startsWith(TICKET_PREFIX))?.slice(TICKET_PREFIX.length);
      if (sealed === undefined || !offered.includes(SUBPROTOCOL)) {
        const detail = `Offer the subprotocols ${SUBPROTOCOL} and ${TICKET_PREFIX}<ticket>, with a ticket from POST /v1/sessions that is not older than 30 seconds.`;
        refuseWith(wire, 'unauthenticated', detail);
        return;
      }
      const entry = useTicket(sealed, door);
      if ('code' in entry) {
        refuseUpgrade(wire, entry);
        return;
      }
      const handshake = { isDone: false };
      sockets.handleUpgrade(request, wire, head, (socket) => {
        handshake.isDone = true;
        attach(entry, { socket, wire }, { door, protocol: binaryWire });
      });
      // A handshake that ws refuses has used its ticket up, but must not hold the session's slot for ever.
      if (!handshake.isDone) door.table.unclaim(entry.ticket.slot, entry.owner);
    },
  };
}
