import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { Duplex } from 'node:stream';
import { base64OfBytes, bytesOfSamples } from '@wheelhouse/realtime/audio-base64';
import { type WebSocket, WebSocketServer } from 'ws';
import { z } from 'zod';
import { until } from './until.ts';

const Sent = z.looseObject({ type: z.string() });
/** An event that a client sent, as it came. */
export type Received = z.infer<typeof Sent>;

/** One connection to the upstream, from its side. */
export class UpstreamLine {
  readonly received: Received[] = [];
  readonly headers: IncomingHttpHeaders;
  readonly path: string;
  /** Milliseconds of sound that it was given. */
  heardMs = 0;
  closed = false;
  readonly #socket: WebSocket;
  #events = 0;

  constructor(socket: WebSocket, request: IncomingMessage) {
    this.#socket = socket;
    this.headers = request.headers;
    this.path = request.url ?? '';
    socket.on('close', () => {
      this.closed = true;
    });
    socket.on('error', () => undefined);
  }

  send(event: { readonly type: string; readonly [field: string]: unknown }): void {
    this.#events += 1;
    this.raw(JSON.stringify({ event_id: `event_${this.#events}`, ...event }));
  }

  /** Anything at all. */
  raw(data: string | Uint8Array): void {
    if (this.#socket.readyState === this.#socket.OPEN) this.#socket.send(data);
  }

  /** Goes without a word, as a crash does. */
  die(): void {
    this.#socket.terminate();
  }

  /** Reads nothing more. */
  stopReading(): void {
    this.#socket.pause();
  }

  of(type: string): Received[] {
    return this.received.filter((event) => event.type === type);
  }

  /** Begins a response with one message. */
  begin(response: string, item: string): void {
    this.send({ type: 'response.created', response: { id: response, object: 'realtime.response', status: 'in_progress', output: [] } });
    this.send({
      ...{ type: 'response.output_item.added', response_id: response, output_index: 0 },
      item: { id: item, object: 'realtime.item', type: 'message', role: 'assistant', status: 'in_progress', content: [] },
    });
  }

  /** Words and sound of it: so many milliseconds, all samples of one value. */
  say(response: string, item: string, { words = '', ms = 0, value = 4_000 }: { words?: string; ms?: number; value?: number }): void {
    const ids = { response_id: response, item_id: item, output_index: 0, content_index: 0 };
    if (words !== '') this.send({ type: 'response.output_audio_transcript.delta', ...ids, delta: words });
    for (let left = ms; left > 0; left -= 100)
      this.send({ type: 'response.output_audio.delta', ...ids, delta: soundOf(Math.min(100, left), value) });
  }

  end(response: string, item: string, status = 'completed'): void {
    const ids = { response_id: response, item_id: item, output_index: 0, content_index: 0 };
    this.send({ type: 'response.output_audio.done', ...ids });
    this.send({ type: 'response.output_audio_transcript.done', ...ids, transcript: '' });
    this.send({ type: 'response.done', response: { id: response, object: 'realtime.response', status, output: [] } });
  }
}

/** PCM16 at 24 kHz in base64, all samples of one value. */
export function soundOf(ms: number, value: number): string {
  return base64OfBytes(bytesOfSamples(new Int16Array(ms * 24).fill(value)));
}

/** What it does with an event, before (and, when it returns true, instead of) what an honest server does. */
export type Behaviour = (line: UpstreamLine, event: Received) => unknown;

/**
 * A server that speaks the OpenAI Realtime protocol over real WebSockets and does what a test likes: it greets and takes settings as an honest
 * one does unless it is told otherwise, and answers nothing by itself.
 */
export class HostileUpstream {
  readonly lines: UpstreamLine[] = [];
  onConnect: (line: UpstreamLine) => unknown = () => undefined;
  onEvent: Behaviour = () => undefined;
  /** An HTTP status to refuse connections with; null lets them in. */
  refuses: number | null = null;
  readonly #server: Server;
  readonly #isTls: boolean;
  readonly #sockets = new WebSocketServer({ noServer: true, maxPayload: 16_000_000 });

  private constructor(server: Server, isTls: boolean) {
    this.#server = server;
    this.#isTls = isTls;
    server.on('upgrade', (request: IncomingMessage, wire: Duplex, head: Buffer) => {
      this.#enter(request, wire, head);
    });
  }

  static async start(tls: { readonly key: string; readonly cert: string } | null = null, port = 0): Promise<HostileUpstream> {
    const server = tls === null ? createServer() : createTlsServer(tls);
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
    return new HostileUpstream(server, tls !== null);
  }

  get port(): number {
    const address = this.#server.address();
    if (address === null || typeof address === 'string') throw new Error('the upstream does not listen');
    return address.port;
  }

  get url(): string {
    return `${this.#isTls ? 'wss' : 'ws'}://localhost:${this.port}/v1/realtime`;
  }

  /** The connection number `index`, once it is there and was told what to be. */
  async line(index = 0): Promise<UpstreamLine> {
    return until(`connection ${index} to the upstream`, () => {
      const line = this.lines[index];
      return line !== undefined && line.of('session.update').length > 0 && line;
    });
  }

  async close(): Promise<void> {
    for (const line of this.lines) line.die();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #enter(request: IncomingMessage, wire: Duplex, head: Buffer): void {
    wire.on('error', () => undefined);
    if (this.refuses !== null) {
      wire.end(`HTTP/1.1 ${this.refuses} Refused\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
      return;
    }
    this.#sockets.handleUpgrade(request, wire, head, (socket) => {
      const line = new UpstreamLine(socket, request);
      this.lines.push(line);
      socket.on('message', (data) => {
        if (Buffer.isBuffer(data)) this.#take(line, data.toString('utf8'));
      });
      if (this.onConnect(line) !== true) line.send({ type: 'session.created', session: { type: 'realtime', id: 'sess', model: 'test' } });
    });
  }

  #take(line: UpstreamLine, text: string): void {
    const event = Sent.parse(JSON.parse(text));
    // Sound is counted and not kept: there is too much of it.
    if (event.type === 'input_audio_buffer.append') line.heardMs += (Math.floor((String(event['audio']).length * 3) / 4) / 48_000) * 1000;
    else line.received.push(event);
    if (this.onEvent(line, event) === true) return;
    if (event.type === 'session.update') line.send({ type: 'session.updated', session: { type: 'realtime', id: 'sess', model: 'test' } });
    if (event.type === 'response.cancel')
      line.send({ type: 'response.done', response: { id: String(event['response_id']), status: 'cancelled', output: [] } });
  }
}
