import { LONGEST_UPSTREAM_EVENT } from '@wheelhouse/realtime/upstream-events';
import { WebSocket } from 'ws';
import type { UpstreamSettings } from './upstream-settings.ts';

/** What a socket tells. `onClosed` comes once, unless the socket was dropped; after it nothing comes any more. */
export type UpstreamSocketEvents = {
  readonly onOpened: () => void;
  /** A message of the upstream; null for one that is not text. */
  readonly onMessage: (text: string | null) => void;
  readonly onClosed: (why: string) => void;
};

const HANDSHAKE_MS = 10_000;
/** Ticks between two pings, and without any sign of life. */
const PING_TICKS = 25;
const DEAD_TICKS = 75;

/** One WebSocket to an upstream. It only moves text; what the text means is decided elsewhere. */
export class UpstreamSocket {
  readonly #socket: WebSocket;
  readonly #events: UpstreamSocketEvents;
  #isOver = false;
  #ticks = 0;
  #lastSign = 0;

  constructor(settings: UpstreamSettings, events: UpstreamSocketEvents) {
    this.#events = events;
    this.#socket = new WebSocket(addressOf(settings), {
      headers: settings.key === null ? {} : { authorization: `Bearer ${settings.key}` },
      ...(settings.ca === null ? {} : { ca: settings.ca }),
      handshakeTimeout: HANDSHAKE_MS,
      // Compression would cost more than it saves on sound, and a small message could unpack to a huge one.
      perMessageDeflate: false,
      maxPayload: LONGEST_UPSTREAM_EVENT * 2,
      followRedirects: false,
    });
    this.#listen();
  }

  /** Bytes that the network has not taken yet. */
  get backlog(): number {
    return this.#socket.bufferedAmount;
  }

  send(text: string): void {
    if (this.#socket.readyState === WebSocket.OPEN) this.#socket.send(text);
  }

  /** A tick went by: the upstream is asked for a sign of life, and given up when there is none for 15 s. */
  beat(): void {
    if (this.#socket.readyState !== WebSocket.OPEN) return;
    this.#ticks += 1;
    if (this.#ticks - this.#lastSign > DEAD_TICKS) this.#end('it gave no sign of life for 15 s (no answer to a ping)');
    else if (this.#ticks % PING_TICKS === 0) this.#socket.ping();
  }

  /** Ends the connection at once. Nothing of it is told any more. */
  drop(): void {
    this.#isOver = true;
    this.#socket.terminate();
  }

  #listen(): void {
    const socket = this.#socket;
    socket.on('open', () => {
      if (!this.#isOver) this.#events.onOpened();
    });
    socket.on('message', (data, isBinary) => {
      this.#lastSign = this.#ticks;
      if (this.#isOver) return;
      this.#events.onMessage(isBinary || !Buffer.isBuffer(data) ? null : data.toString('utf8'));
    });
    socket.on('pong', () => {
      this.#lastSign = this.#ticks;
    });
    socket.on('unexpected-response', (request, response) => {
      request.destroy();
      response.destroy();
      this.#end(`it refused the connection (HTTP ${response.statusCode ?? 'without a status'})${hintFor(response.statusCode)}`);
    });
    socket.on('error', (error) => {
      this.#end(`the connection failed: ${error.message}`);
    });
    socket.on('close', (code, reason) => {
      this.#end(`it closed the connection (${code}${reason.length === 0 ? '' : `, ${reason.toString('utf8').slice(0, 120)}`})`);
    });
  }

  #end(why: string): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#socket.terminate();
    this.#events.onClosed(why);
  }
}

function addressOf({ url, model }: UpstreamSettings): URL {
  const address = new URL(url);
  if (!address.searchParams.has('model')) address.searchParams.set('model', model);
  return address;
}

function hintFor(status: number | undefined): string {
  if (status === 401 || status === 403) return '; look at WHEELHOUSE_UPSTREAM_KEY';
  return status === 404 ? '; look at WHEELHOUSE_UPSTREAM_URL and WHEELHOUSE_UPSTREAM_MODEL' : '';
}
