import OpenAI from 'openai';
import type { ServerEvent, SessionConfig } from 'openai/resources/live/live';
import { LiveWS } from 'openai/resources/live/ws';
import { SAMPLE_RATE } from '@wheelhouse/protocol/tick';
import type { TestServer } from '../harness/server.ts';
import { until } from '../harness/until.ts';

/** The client as its makers ship it, pointed at a server here. */
export function clientOf(server: TestServer, key: string): OpenAI {
  const url = new URL(server.streamUrl);
  return new OpenAI({ apiKey: key, baseURL: `http://${url.host}/v1` });
}

type Told<T> = Extract<ServerEvent, { type: T }>;

/** The unmodified `LiveWS`, with everything that it was told and when. */
export class LiveCaller {
  readonly ws: LiveWS;
  readonly events: { readonly at: number; readonly event: ServerEvent }[] = [];
  /** What the client's own `error` handlers were called with. */
  readonly errors: Error[] = [];
  closed: { readonly code: number; readonly reason: string } | null = null;

  constructor(client: OpenAI, options: { headers?: Record<string, string> } = {}) {
    this.ws = new LiveWS(client, options);
    this.ws.on('event', (event) => this.events.push({ at: performance.now(), event }));
    this.ws.on('error', (error) => this.errors.push(error));
    this.ws.on('close', (code, reason) => {
      this.closed = { code, reason };
    });
  }

  /** Starts a session on the server's relay, 16 kHz both ways unless `session` says otherwise. */
  static async start(server: TestServer, key: string, session: Partial<SessionConfig> = {}): Promise<LiveCaller> {
    const caller = new LiveCaller(clientOf(server, key));
    caller.begin(session);
    await caller.hears('session.started');
    return caller;
  }

  begin(session: Partial<SessionConfig> = {}): void {
    const audio = { format: { type: 'audio/pcm', rate: 16_000 } } as const;
    this.ws.send({ type: 'session.start', event_id: 'start', session: { model: 'relay', audio, ...session } });
  }

  all<T extends ServerEvent['type']>(type: T): Told<T>[] {
    return this.events.map(({ event }) => event).filter((event): event is Told<T> => event.type === type);
  }

  /** The first event of this kind, once it is there. */
  hears<T extends ServerEvent['type']>(type: T): Promise<Told<T>> {
    return until(`the event ${type}`, () => this.all(type)[0]);
  }

  /** The code of the next error after `seen`. */
  async refused(seen = 0): Promise<{ code: string; param: string | undefined; clientEvent: string | undefined }> {
    const event = await until('an error event', () => this.all('error')[seen]);
    return { code: event.error.code, param: event.error.param, clientEvent: event.client_event_id };
  }

  async session(): Promise<string> {
    return (await this.hears('session.started')).session.id;
  }

  /** What was said so far, as the deltas add up. */
  said(direction: 'input' | 'output'): string {
    const deltas = direction === 'input' ? this.all('session.input_transcript.delta') : this.all('session.output_transcript.delta');
    return deltas.map(({ delta }) => delta).join('');
  }

  /** Bytes of sound that arrived so far. */
  get soundBytes(): number {
    return this.all('session.output_audio.delta').reduce((sum, { delta }) => sum + Buffer.from(delta, 'base64').length, 0);
  }

  info(code: string): Told<'info'>[] {
    return this.all('info').filter((event) => event.code === code);
  }

  /** Sends sound at the speed of speech, 100 ms at a time. `encode` writes 16 kHz samples in the session's format. */
  async speak(samples: Int16Array, encode: (samples: Int16Array) => Uint8Array = bytes): Promise<void> {
    const slice = SAMPLE_RATE / 10;
    const start = performance.now();
    for (let at = 0; at < samples.length && this.closed === null; at += slice) {
      this.append(encode(samples.subarray(at, at + slice)));
      const due = start + ((at + slice) / SAMPLE_RATE) * 1000;
      await new Promise((resolve) => setTimeout(resolve, Math.max(0, due - performance.now())));
    }
  }

  append(sound: Uint8Array): void {
    this.ws.send({ type: 'session.input_audio.append', audio: Buffer.from(sound).toString('base64') });
  }

  /** Sends what its types would not let through. */
  raw(message: string): void {
    this.ws.sendRaw(message);
  }
}

export function bytes(samples: Int16Array): Uint8Array {
  return new Uint8Array(samples.buffer, samples.byteOffset, samples.byteLength);
}
