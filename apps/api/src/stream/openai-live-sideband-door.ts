import { z } from 'zod';
import { WebSocketServer } from 'ws';
import { LONGEST_SIDEBAND_EVENT } from '@wheelhouse/realtime/live-sideband-events';
import { OpenaiLiveSideband } from './openai-live-sideband.ts';
import { type Door, type DoorParts, refuseUpgrade, refuseWith, type Upgrade } from './stream-door.ts';
import type { SuperviseHall } from './supervise-hall.ts';

const PATH = /^\/v1\/live\/sessions\/([^/]+)\/attach$/;
const Query = z.strictObject({ graceful_close: z.enum(['true', 'false']).optional() });

/** `/v1/live/sessions/:id/attach`: sidebands of the OpenAI Live protocol, to any open session of the key's tenant. */
export function openaiLiveSidebandDoor(door: DoorParts, hall: SuperviseHall): Door {
  const sockets = new WebSocketServer({ noServer: true, perMessageDeflate: false, maxPayload: 4 * LONGEST_SIDEBAND_EVENT });
  return {
    opens: (path) => PATH.test(path),
    enter: (upgrade) => {
      void enter(upgrade, { door, hall, sockets });
    },
  };
}

async function enter(
  { request, url, wire, head }: Upgrade,
  { door, hall, sockets }: { door: DoorParts; hall: SuperviseHall; sockets: WebSocketServer },
): Promise<void> {
  const session = z.uuid().safeParse(PATH.exec(url.pathname)?.[1]);
  const { authorization } = request.headers;
  if (authorization === undefined) {
    refuseWith(wire, 'unauthenticated', 'Send Authorization: Bearer with an API key (wh_...).');
    return;
  }
  // The connection always ends with a closing handshake.
  if (!Query.safeParse(Object.fromEntries(url.searchParams)).success) {
    refuseWith(wire, 'unsupported', 'There is one query parameter: graceful_close, true or false.');
    return;
  }
  // Also for an id that is none: whoever is nobody learns nothing of sessions.
  const id = session.success ? session.data : '00000000-0000-0000-0000-000000000000';
  const told = await door.control.ask({ what: 'sideband', credentials: { authorization }, session: id });
  if (!told.ok) {
    refuseUpgrade(wire, told.problem);
    return;
  }
  if (told.sideband === undefined) {
    refuseWith(wire, 'internal', 'The control thread answered with no sideband. Try again.');
    return;
  }
  const { supervision, model, openedAt } = told.sideband;
  const handshake = { isDone: false };
  if (!wire.destroyed) {
    sockets.handleUpgrade(request, wire, head, (socket) => {
      handshake.isDone = true;
      const connection = new OpenaiLiveSideband({
        ...{ socket, session: { id, model, openedAt }, now: door.now },
        act: (act) => door.control.ask({ what: 'sideband.act', supervision, act, at: door.now() }),
        onOver: () => {
          hall.remove(supervision, false);
        },
      });
      hall.add(supervision, connection);
    });
  }
  if (!handshake.isDone) hall.remove(supervision, false);
}
