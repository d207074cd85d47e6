import { AudioEncoder, type WireAudio } from '@wheelhouse/realtime/audio-codec';
import { RealtimeServerEvent } from '@wheelhouse/realtime/realtime-server-events';
import { WebSocket } from 'ws';
import { until } from './until.ts';

type Told<T extends RealtimeServerEvent['type']> = Extract<RealtimeServerEvent, { type: T }>;

/** One connection of the OpenAI Realtime protocol, event by event: everything that comes is checked and kept. */
export class RealtimeLine {
  readonly events: RealtimeServerEvent[] = [];
  readonly #socket: WebSocket;
  closed: { readonly code: number; readonly reason: string } | null = null;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.on('message', (data: Buffer) => {
      this.events.push(RealtimeServerEvent.parse(JSON.parse(data.toString('utf8'))));
    });
    socket.on('close', (code, reason) => {
      this.closed = { code, reason: reason.toString('utf8') };
    });
  }

  /** Opens a line to the server whose stream URL this is, and waits for `session.created`. */
  static async open(streamUrl: string, key: string, query = 'model=relay', ca?: string): Promise<RealtimeLine> {
    const url = streamUrl.replace('/v1/stream', `/v1/realtime?${query}`);
    const socket = new WebSocket(url, { headers: { Authorization: `Bearer ${key}` }, ...(ca === undefined ? {} : { ca }) });
    const line = new RealtimeLine(socket);
    await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject));
    await line.told('session.created');
    return line;
  }

  get session(): string {
    const created = this.find('session.created');
    if (created === undefined) throw new Error('no session was created');
    return created.session.id;
  }

  get open(): boolean {
    return this.#socket.readyState === this.#socket.OPEN;
  }

  send(event: object | string | Uint8Array): void {
    this.#socket.send(typeof event === 'string' || event instanceof Uint8Array ? event : JSON.stringify(event));
  }

  configure(session: object): void {
    this.send({ type: 'session.update', session: { type: 'realtime', ...session } });
  }

  type(text: string): void {
    this.send({ type: 'conversation.item.create', item: { type: 'message', role: 'user', content: [{ type: 'input_text', text }] } });
  }

  ask(text: string): void {
    this.type(text);
    this.send({ type: 'response.create' });
  }

  all<T extends RealtimeServerEvent['type']>(type: T): Told<T>[] {
    return this.events.filter((event): event is Told<T> => event.type === type);
  }

  find<T extends RealtimeServerEvent['type']>(type: T): Told<T> | undefined {
    return this.all(type)[0];
  }

  /** Waits until `count` events of this type have come, and returns the last of these. */
  async told<T extends RealtimeServerEvent['type']>(type: T, count = 1): Promise<Told<T>> {
    return until(`${count} of ${type}`, () => this.all(type)[count - 1]);
  }

  errors(): string[] {
    return this.all('error').map(({ error }) => `${error.type} ${error.code}`);
  }

  /** Sends a recording at the speed of speech, 40 ms at a time; it ends early when the line closes. `samples` are 16 kHz. */
  async speak(samples: Int16Array, format: WireAudio = 'audio/pcm'): Promise<void> {
    const encoder = new AudioEncoder();
    const start = performance.now();
    for (let at = 0; at < samples.length && this.open; at += 640) {
      this.send({ type: 'input_audio_buffer.append', audio: encoder.take(format, samples.subarray(at, at + 640)) });
      const wait = start + (at + 640) / 16 - performance.now();
      if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait));
    }
  }

  close(): void {
    this.#socket.close();
  }
}
