import { FRAME_MAX_BYTES } from '@wheelhouse/protocol/frame';
import { SUPERVISE_PATH, SUPERVISE_PROTOCOL, SUPERVISE_TICKET_PREFIX } from '@wheelhouse/protocol/supervision';
import { WebSocketServer } from 'ws';
import { type Door, type DoorParts, refuseUpgrade, refuseWith, type Upgrade } from './stream-door.ts';
import { SuperviseConnection } from './supervise-connection.ts';
import type { SuperviseFromThread, SuperviseToHall } from './supervise-messages.ts';
import { openPass, type SupervisorPass } from './supervise-ticket.ts';

/** A connection that overhears a session: a supervisor's, or a sideband's. */
export type Present = Pick<SuperviseConnection, 'connect' | 'tell' | 'close'>;

/** The supervisors whose connections came in on this thread. The sessions that they look after may live on another. */
export class SuperviseHall implements Door {
  readonly #door: DoorParts;
  readonly #report: (message: SuperviseFromThread) => void;
  readonly #present = new Map<string, Present>();
  readonly #sockets = new WebSocketServer({
    noServer: true,
    perMessageDeflate: false,
    // Somewhat above the frame's limit, so that a frame a little too large still gets its typed error before the connection ends.
    maxPayload: 2 * FRAME_MAX_BYTES,
    handleProtocols: (offered) => (offered.has(SUPERVISE_PROTOCOL) ? SUPERVISE_PROTOCOL : false),
  });

  constructor(door: DoorParts, report: (message: SuperviseFromThread) => void) {
    this.#door = door;
    this.#report = report;
  }

  readonly opens = (path: string): boolean => path.startsWith(SUPERVISE_PATH);

  readonly enter = (upgrade: Upgrade): void => {
    const { request, url, wire } = upgrade;
    const offered = (request.headers['sec-websocket-protocol'] ?? '').split(',').map((name) => name.trim());
    const sealed = offered.find((name) => name.startsWith(SUPERVISE_TICKET_PREFIX))?.slice(SUPERVISE_TICKET_PREFIX.length);
    if (sealed === undefined || !offered.includes(SUPERVISE_PROTOCOL)) {
      const detail = `Offer the subprotocols ${SUPERVISE_PROTOCOL} and ${SUPERVISE_TICKET_PREFIX}<ticket>, with a ticket from POST /v1/sessions/:id/supervise that is not older than 30 seconds.`;
      refuseWith(wire, 'unauthenticated', detail);
      return;
    }
    const pass = openPass(sealed, this.#door.ticketKey, this.#door.now());
    if (pass === null) {
      refuseWith(wire, 'unauthenticated', 'The ticket was not made here, or is older than 30 seconds.');
      return;
    }
    if (url.pathname !== `${SUPERVISE_PATH}${pass.supervises}`) {
      refuseWith(wire, 'unauthenticated', 'This ticket is for another session; get one from POST /v1/sessions/:id/supervise.');
      return;
    }
    void this.#admit(pass, upgrade);
  };

  /** From now on what the control thread has for this supervision goes to this connection. */
  add(supervision: string, connection: Present): void {
    this.#present.set(supervision, connection);
    this.#report({ type: 'supervise.joined', supervision });
  }

  /** `said`: they said that they leave. */
  remove(supervision: string, said: boolean): void {
    this.#present.delete(supervision);
    this.#report({ type: 'supervise.left', supervision, said });
  }

  take(message: SuperviseToHall): void {
    const connection = this.#present.get(message.supervision);
    switch (message.type) {
      case 'supervise.line':
        if (connection === undefined) message.port.close();
        else connection.connect(message.port);
        return;
      case 'supervise.tell':
        connection?.tell(message.event);
        return;
      case 'supervise.close':
        connection?.close(message.reason);
    }
  }

  stop(reason: string): void {
    for (const connection of this.#present.values()) connection.close(reason, 1001);
  }

  /** The control thread knows who may join, uses the ticket up, and writes down that somebody listens before they do. */
  async #admit({ supervision, supervises }: SupervisorPass, { request, wire, head }: Upgrade): Promise<void> {
    const told = await this.#door.control.ask({ what: 'supervise', supervision });
    if (!told.ok) {
      refuseUpgrade(wire, told.problem);
      return;
    }
    const handshake = { isDone: false };
    if (!wire.destroyed) {
      this.#sockets.handleUpgrade(request, wire, head, (socket) => {
        handshake.isDone = true;
        const connection = new SuperviseConnection({
          ...{ socket, supervision, session: supervises, now: this.#door.now },
          onCommand: (command) => {
            this.#report({ type: 'supervise.command', supervision, command, at: this.#door.now() });
          },
          onOver: (said) => {
            this.remove(supervision, said);
          },
        });
        this.add(supervision, connection);
      });
    }
    if (!handshake.isDone) this.#report({ type: 'supervise.left', supervision, said: false });
  }
}
