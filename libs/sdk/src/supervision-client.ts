import { decodeFrame, encodeFrame, type FrameKind, isRefusal } from '@wheelhouse/protocol/frame';
import {
  HandBack,
  type HandBackRequest,
  SUPERVISE_PROTOCOL,
  SUPERVISE_TICKET_PREFIX,
  type SuperviseCommand,
  SuperviseEvent,
  SuperviseTicket,
} from '@wheelhouse/protocol/supervision';
import { SupervisionView } from '@wheelhouse/protocol/supervisor';
import { SAMPLE_RATE, TICK_MS } from '@wheelhouse/protocol/tick';
import type { z } from 'zod';
import { ApiError, type Rest } from './rest.ts';

/** Of sound that nobody takes from the iterator, so much is kept: ten seconds of a session with three voices. */
const MOST_KEPT = 150;

/**
 * What a supervisor hears and is told. Sound is 16 kHz mono PCM16, up to 200 ms; its source is the person (`client`), what of the engine's really left
 * (`engine`), or another human (`human`).
 */
export type Supervised =
  | {
      readonly type: 'sound';
      readonly source: 'client' | 'engine' | 'human';
      readonly tick: number;
      readonly samples: Int16Array<ArrayBuffer>;
    }
  | { readonly type: 'event'; readonly tick: number; readonly event: SuperviseEvent };

type VerbCommand = Omit<Extract<SuperviseCommand, { type: 'verb' }>, 'type'>;
type EventOf<T extends SuperviseEvent['type']> = Extract<SuperviseEvent, { type: T }>;
type Asked = {
  readonly what: 'verb' | 'whisper';
  readonly resolve: (event: SuperviseEvent) => void;
  readonly reject: (error: Error) => void;
};

/** Asks for a ticket to join a session. A person's right; a key has none. */
export function superviseTicket(rest: Rest, session: string): Promise<SuperviseTicket> {
  return rest.call('POST', `/v1/sessions/${session}/supervise`, SuperviseTicket);
}

/** Who is in a session, and whether its engine asks for a human. */
export function supervisionOf(rest: Rest, session: string): Promise<SupervisionView> {
  return rest.call('GET', `/v1/sessions/${session}/supervision`, SupervisionView);
}

/** Asks for the release of a take-over, with what the engine is to know when it goes on. The same `id` again asks once. */
export function handBack(rest: Rest, session: string, request: z.input<typeof HandBackRequest>): Promise<HandBack> {
  return rest.call('POST', `/v1/sessions/${session}/hand-back`, HandBack, request);
}

/**
 * A human in a live session, on the WebSocket that browsers and Node have built in: listens, whispers, speaks beside the engine, or takes it over. One
 * object a connection; a new one needs a new ticket.
 */
export class SupervisionClient {
  readonly session: string;
  readonly supervision: string;
  readonly #socket: WebSocket;
  readonly #now: () => number;
  readonly #since: number;
  readonly #kept: Supervised[] = [];
  readonly #asked: Asked[] = [];
  #wake: (() => void) | null = null;
  #sequence = 0;
  #closed: { readonly code: number; readonly reason: string } | null = null;

  private constructor(socket: WebSocket, { session, supervision }: { session: string; supervision: string }, now: () => number) {
    this.#socket = socket;
    this.session = session;
    this.supervision = supervision;
    this.#now = now;
    this.#since = now();
    socket.binaryType = 'arraybuffer';
    socket.addEventListener('message', (message: MessageEvent) => {
      if (message.data instanceof ArrayBuffer) this.#receive(new Uint8Array(message.data));
    });
    socket.addEventListener('close', ({ code, reason }) => {
      this.#closed = { code, reason };
      for (const { reject } of this.#asked.splice(0)) reject(new Error('The connection is over.'));
      this.#wake?.();
    });
  }

  /** Joins. Resolves when the connection stands; rejects when it is refused. `now` is a monotonic clock in milliseconds. */
  static join(ticket: Pick<SuperviseTicket, 'url' | 'ticket' | 'session' | 'supervision'>, now: () => number): Promise<SupervisionClient> {
    const socket = new WebSocket(ticket.url, [SUPERVISE_PROTOCOL, `${SUPERVISE_TICKET_PREFIX}${ticket.ticket}`]);
    const client = new SupervisionClient(socket, { session: ticket.session.id, supervision: ticket.supervision }, now);
    return new Promise((resolve, reject) => {
      socket.addEventListener('open', () => {
        resolve(client);
      });
      socket.addEventListener('error', () => {
        reject(new Error(`${ticket.url} refused the connection. A ticket is good for one, within 30 seconds.`));
      });
    });
  }

  get open(): boolean {
    return this.#socket.readyState === WebSocket.OPEN;
  }

  /** How the connection ended; null while it stands. */
  get closed(): { readonly code: number; readonly reason: string } | null {
    return this.#closed;
  }

  /**
   * Everything that is heard and told, in order, until the connection is over. For one reader. Of sound that is not taken in time the oldest is left
   * out; what is told never is.
   */
  async *frames(): AsyncGenerator<Supervised, void, undefined> {
    for (;;) {
      const next = this.#kept.shift();
      if (next !== undefined) yield next;
      else if (this.#closed !== null) return;
      else
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
    }
  }

  /** Sends a slice of your voice, 16 kHz mono, of up to a second. Send it at the speed of speech, once a verb has been granted that is heard. */
  speak(samples: Int16Array): void {
    this.#send('audio', new Uint8Array(samples.buffer, samples.byteOffset, samples.byteLength));
  }

  /** Resolves when it is so; rejects with `ApiError` where it is not, or not wholly: a take-over is in force even while another human speaks. */
  async verb(command: VerbCommand): Promise<EventOf<'verb'>> {
    const event = await this.#ask('verb', { type: 'verb', ...command });
    if (event.type !== 'verb') throw new Error('another answer than was asked for');
    return event;
  }

  /** Guidance that only the engine hears. Resolves with the order's id. */
  async whisper(text: string): Promise<string> {
    const event = await this.#ask('whisper', { type: 'whisper', text });
    if (event.type !== 'whispered') throw new Error('another answer than was asked for');
    return event.order;
  }

  /** Leaves. A latch that you left stays in force: hand the session back, or somebody else speaks there. */
  leave(): void {
    this.#command({ type: 'leave' });
  }

  /** Sends any bytes as they are: for tests that try what a hostile supervisor would. */
  sendRaw(data: Uint8Array<ArrayBuffer> | string): void {
    this.#socket.send(data);
  }

  close(): void {
    this.#socket.close();
  }

  #ask(what: Asked['what'], command: SuperviseCommand): Promise<SuperviseEvent> {
    return new Promise((resolve, reject) => {
      if (!this.open) {
        reject(new Error('The connection is over.'));
        return;
      }
      this.#asked.push({ what, resolve, reject });
      this.#command(command);
    });
  }

  #command(command: SuperviseCommand): void {
    this.#send('event', new TextEncoder().encode(JSON.stringify(command)));
  }

  #send(kind: FrameKind, payload: Uint8Array): void {
    if (!this.open) return;
    const timestamp = this.#now() - this.#since;
    this.#sequence += 1;
    const place = { tick: Math.floor(timestamp / TICK_MS), sequence: this.#sequence, timestamp, session: this.session };
    this.#socket.send(encodeFrame({ kind, source: 'human', sampleRate: kind === 'audio' ? SAMPLE_RATE : 0, ...place }, payload));
  }

  #receive(bytes: Uint8Array): void {
    const frame = decodeFrame(bytes);
    if (isRefusal(frame)) return;
    const { kind, source, tick } = frame.header;
    if (kind === 'audio' && source !== 'gate') {
      this.#keep({ type: 'sound', source, tick, samples: new Int16Array(frame.payload.slice().buffer) });
      return;
    }
    const event = SuperviseEvent.parse(JSON.parse(new TextDecoder().decode(frame.payload)));
    this.#answer(event);
    this.#keep({ type: 'event', tick, event });
  }

  #keep(supervised: Supervised): void {
    this.#kept.push(supervised);
    if (this.#kept.length > MOST_KEPT) {
      const oldest = this.#kept.findIndex(({ type }) => type === 'sound');
      if (oldest >= 0) this.#kept.splice(oldest, 1);
    }
    this.#wake?.();
  }

  /** Answers come in the order in which was asked, for each of the two things that can be. */
  #answer(event: SuperviseEvent): void {
    switch (event.type) {
      case 'verb':
        this.#settle('verb')?.resolve(event);
        return;
      case 'whispered':
        this.#settle('whisper')?.resolve(event);
        return;
      case 'refused':
        this.#settle(event.what)?.reject(new ApiError(event.problem));
        return;
      case 'ready':
      case 'supervision':
      case 'transcript':
      case 'typed':
      case 'gate':
      case 'client':
      case 'error':
      case 'ended':
    }
  }

  #settle(what: Asked['what']): Asked | undefined {
    const at = this.#asked.findIndex((asked) => asked.what === what);
    return at < 0 ? undefined : this.#asked.splice(at, 1)[0];
  }
}
