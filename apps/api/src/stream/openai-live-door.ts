import type { Duplex } from 'node:stream';
import { Level } from '@wheelhouse/protocol/level';
import type { Problem } from '@wheelhouse/protocol/problem';
import { type LiveFault, LONGEST_LIVE_EVENT } from '@wheelhouse/realtime/live-client-events';
import type { NewLiveId } from '@wheelhouse/realtime/live-state';
import { type RawData, type WebSocket, WebSocketServer } from 'ws';
import type { DoorCredentials } from './control-line.ts';
import { liveIds, type LiveStart, OpenaiLiveWire, readLiveData } from './openai-live-wire.ts';
import { attach, type Door, type DoorParts, GONE_BEFORE, refuseUpgrade, refuseWith, type Upgrade, useTicket } from './stream-door.ts';

export const LIVE_PATH = '/v1/live/sessions';
const START_WITHIN_MS = 10_000;
/** So many first events that are none, and the connection is closed. */
const MOST_FAULTS = 20;
/** What may be sent along with `session.start`, before the session stands. */
const MOST_EARLY = 256;
const MOST_EARLY_BYTES = LONGEST_LIVE_EVENT;

/** `/v1/live/sessions`: the OpenAI Live protocol. Each connection is a session of its own, and ends with it. */
export function openaiLiveDoor(door: DoorParts): Door {
  const sockets = new WebSocketServer({ noServer: true, perMessageDeflate: false, maxPayload: 4 * LONGEST_LIVE_EVENT });
  return {
    opens: (path) => path === LIVE_PATH,
    enter: (upgrade) => {
      void enter(upgrade, door, sockets);
    },
  };
}

async function enter(upgrade: Upgrade, door: DoorParts, sockets: WebSocketServer): Promise<void> {
  const { request, wire, head, url } = upgrade;
  const { authorization } = request.headers;
  const [query] = url.searchParams.keys();
  if (authorization === undefined) {
    refuseWith(wire, 'unauthenticated', 'Send Authorization: Bearer with an API key (wh_...).');
    return;
  }
  if (query !== undefined) {
    refuseWith(wire, 'unsupported', `The query parameter '${query.slice(0, 64)}' is not supported: the model is named in session.start.`);
    return;
  }
  const asked = request.headers['wheelhouse-level'];
  const level = Level.optional().safeParse(asked === undefined ? undefined : Number(asked));
  if (!level.success) {
    refuseWith(wire, 'malformed', 'The header Wheelhouse-Level is a level of autonomy from 1 to 5.');
    return;
  }
  // Cookies don't count: any page could send them.
  const credentials = { authorization };
  const told = await door.control.ask({ what: 'authenticate', credentials });
  if (wire.destroyed) return;
  if (!told.ok) {
    refuseUpgrade(wire, told.problem);
    return;
  }
  sockets.handleUpgrade(request, wire, head, (socket) => {
    new Arrival({ socket, wire }, { credentials, level: level.data ?? null }, door).wait();
  });
}

/** Who is at the door, and the level of autonomy that they ask for; null: what is usual. */
type Caller = { readonly credentials: DoorCredentials; readonly level: Level | null };

/** A connection that is let in and has no session yet: its first event says which. */
class Arrival {
  readonly #line: { readonly socket: WebSocket; readonly wire: Duplex };
  readonly #caller: Caller;
  readonly #door: DoorParts;
  readonly #newId: NewLiveId = liveIds();
  /** What came behind `session.start`, while the session is opened. */
  readonly #early: { readonly data: RawData; readonly isBinary: boolean }[] = [];
  #earlyBytes = 0;
  #isOpening = false;
  #faults = 0;
  #timer: NodeJS.Timeout | null = null;

  constructor(line: { socket: WebSocket; wire: Duplex }, caller: Caller, door: DoorParts) {
    this.#line = line;
    this.#caller = caller;
    this.#door = door;
  }

  wait(): void {
    const { socket } = this.#line;
    socket.on('message', this.#receive);
    // It broke the WebSocket protocol; ws closes it, and waits for an answer that it can't read.
    socket.on('error', this.#cut);
    socket.once('close', this.#clearTimer);
    this.#setTimer();
  }

  readonly #receive = (data: RawData, isBinary: boolean): void => {
    if (this.#isOpening) {
      this.#keep(data, isBinary);
      return;
    }
    const reading = readLiveData(data, isBinary);
    if ('fault' in reading) {
      this.#refuse(reading.fault);
      return;
    }
    const { event } = reading;
    if (event.type === 'session.start') {
      void this.#open(event);
      return;
    }
    const message = `The session has not started: send session.start first, and wait for session.started. This was ${event.type}.`;
    this.#refuse({ code: 'session_not_started', message, param: 'type', clientEvent: event.event_id ?? null });
  };

  readonly #cut = (): void => {
    this.#line.socket.terminate();
  };

  readonly #clearTimer = (): void => {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  };

  #setTimer(): void {
    this.#clearTimer();
    this.#timer = setTimeout(() => {
      const message = `No session.start came within ${START_WITHIN_MS / 1000} seconds.`;
      this.#send({ code: 'session_start_timeout', message, param: null, clientEvent: null });
      this.#close('session_start_timeout');
    }, START_WITHIN_MS);
  }

  #keep(data: RawData, isBinary: boolean): void {
    this.#earlyBytes += Buffer.isBuffer(data) ? data.length : MOST_EARLY_BYTES;
    if (this.#early.length < MOST_EARLY && this.#earlyBytes <= MOST_EARLY_BYTES) {
      this.#early.push({ data, isBinary });
      return;
    }
    const message = 'Too much was sent before the session had started: wait for session.started.';
    this.#send({ code: 'session_not_started', message, param: null, clientEvent: null });
    this.#close('session_not_started');
  }

  async #open(start: LiveStart): Promise<void> {
    const { socket } = this.#line;
    const clientEvent = start.event_id ?? null;
    this.#isOpening = true;
    this.#clearTimer();
    const { credentials, level } = this.#caller;
    const wish = { what: 'open', credentials, deployment: start.session.model } as const;
    const told = await this.#door.control.ask(level === null ? wish : { ...wish, level });
    if (socket.readyState !== socket.OPEN) {
      this.#door.leave(told, GONE_BEFORE);
      return;
    }
    if (!told.ok) {
      this.#refuseProblem(told.problem, clientEvent);
      return;
    }
    const entry =
      told.ticket === null
        ? ({ code: 'internal', detail: 'The session was opened without a ticket. Try again.' } as const)
        : useTicket(told.ticket, this.#door);
    if ('code' in entry) {
      this.#door.leave(told, entry.detail);
      this.#refuseProblem(entry, clientEvent);
      return;
    }
    this.#handOver(entry, start);
  }

  #handOver(entry: Parameters<typeof attach>[0], start: LiveStart): void {
    const { socket } = this.#line;
    socket.off('message', this.#receive);
    socket.off('error', this.#cut);
    const protocol = (session: ConstructorParameters<typeof OpenaiLiveWire>[0]): OpenaiLiveWire => {
      const wire = new OpenaiLiveWire(session, start, Math.floor(Date.now() / 1000));
      // This protocol has no way to come back to a session: it ends with its connection.
      socket.once('close', (code) => {
        if (!wire.isStopping) session.end(code === 1000 || code === 1001 ? 'the client closed its connection' : 'the connection was lost');
      });
      return wire;
    };
    attach(entry, this.#line, { door: this.#door, protocol });
    for (const { data, isBinary } of this.#early.splice(0)) {
      if (socket.readyState === socket.OPEN) socket.emit('message', data, isBinary);
    }
  }

  #refuseProblem({ code, detail }: Pick<Problem, 'code' | 'detail'>, clientEvent: string | null): void {
    this.#early.length = 0;
    this.#earlyBytes = 0;
    this.#isOpening = false;
    this.#setTimer();
    const known = code === 'not_found';
    this.#refuse({ code: known ? 'model_not_found' : code, message: detail, param: known ? 'session.model' : null, clientEvent });
  }

  #refuse(fault: LiveFault): void {
    this.#faults += 1;
    this.#send(fault);
    if (this.#faults >= MOST_FAULTS) this.#close('bad_event');
  }

  #send({ code, message, param, clientEvent }: LiveFault): void {
    const { socket } = this.#line;
    if (socket.readyState !== socket.OPEN) return;
    const client = clientEvent === null ? {} : { client_event_id: clientEvent };
    const error = { type: 'invalid_request_error', code, message, ...(param === null ? {} : { param }), ...client };
    socket.send(JSON.stringify({ type: 'error', event_id: this.#newId('event'), error, ...client }));
  }

  #close(reason: string): void {
    const { socket } = this.#line;
    this.#clearTimer();
    socket.off('message', this.#receive);
    socket.close(1008, reason);
    setTimeout(() => {
      socket.terminate();
    }, 1000).unref();
  }
}
