import { decodeFrame, encodeFrame, type Frame, type FrameKind, isRefusal } from '@wheelhouse/protocol/frame';
import { type ClientEvent, EngineEvent, GateEvent } from '@wheelhouse/protocol/stream-event';
import type { EngineConfig, ToolResult } from '@wheelhouse/protocol/tool-call';
import { SAMPLE_RATE, TICK_MS } from '@wheelhouse/protocol/tick';
import type { Attachment } from '@wheelhouse/protocol/session';

/** What a stream client is told. `frame` sees everything first, as it came. */
export type StreamListener = {
  readonly frame?: (frame: Frame) => void;
  /** Sound to be played: 16 kHz mono PCM16, up to 200 ms; the engine's, a human's, or the gate's own (`frame.header.source`). */
  readonly audio?: (samples: Int16Array, frame: Frame) => void;
  /** Words that begin in this tick's audio. */
  readonly said?: (text: string, frame: Frame) => void;
  readonly engine?: (event: EngineEvent, frame: Frame) => void;
  readonly gate?: (event: GateEvent, frame: Frame) => void;
  readonly closed?: (code: number, reason: string) => void;
};

/** A client of `/v1/stream`, on the WebSocket that browsers and Node have built in. */
export class StreamClient {
  readonly session: string;
  readonly #socket: WebSocket;
  readonly #listener: StreamListener;
  readonly #now: () => number;
  readonly #since: number;
  #sequence = 0;

  private constructor(socket: WebSocket, session: string, listener: StreamListener, now: () => number) {
    this.#socket = socket;
    this.session = session;
    this.#listener = listener;
    this.#now = now;
    this.#since = now();
    socket.binaryType = 'arraybuffer';
    socket.addEventListener('message', (message: MessageEvent) => {
      if (message.data instanceof ArrayBuffer) this.#receive(new Uint8Array(message.data));
    });
    socket.addEventListener('close', (event) => {
      listener.closed?.(event.code, event.reason);
    });
  }

  /** Attaches to a session. Resolves when the connection stands; rejects when it is refused. `now` is a monotonic clock in milliseconds. */
  static attach(
    attachment: Pick<Attachment, 'url' | 'ticket' | 'session'>,
    listener: StreamListener,
    now: () => number,
  ): Promise<StreamClient> {
    const socket = new WebSocket(attachment.url, ['wheelhouse.v1', `ticket.${attachment.ticket}`]);
    const client = new StreamClient(socket, attachment.session.id, listener, now);
    return new Promise((resolve, reject) => {
      socket.addEventListener('open', () => {
        resolve(client);
      });
      socket.addEventListener('error', () => {
        reject(new Error(`The stream at ${attachment.url} refused the connection.`));
      });
    });
  }

  get open(): boolean {
    return this.#socket.readyState === WebSocket.OPEN;
  }

  /** Sends a slice of audio, of any length up to a second. Send it at the speed of speech. */
  sendAudio(samples: Int16Array): void {
    this.#send('audio', new Uint8Array(samples.buffer, samples.byteOffset, samples.byteLength));
  }

  /** Shows one picture, a JPEG. An engine looks at one in 200 ms at most: the latest. */
  sendImage(jpeg: Uint8Array): void {
    this.#send('video', jpeg);
  }

  sendText(text: string): void {
    this.#send('text', new TextEncoder().encode(text));
  }

  /** Tells the engine what it is to be from now on, whole: instructions, tools, whether it answers by itself. */
  configure(config: EngineConfig): void {
    this.#sendEvent({ type: 'config', config });
  }

  /** What came of a tool that the engine asked for (`call`). */
  sendResult(result: ToolResult): void {
    this.#sendEvent({ type: 'result', result });
  }

  /** Asks the engine to stop speaking. */
  hush(): void {
    this.#sendEvent({ type: 'hush' });
  }

  /** Ends the session for good. */
  end(): void {
    this.#sendEvent({ type: 'end' });
  }

  #sendEvent(event: ClientEvent): void {
    this.#send('event', new TextEncoder().encode(JSON.stringify(event)));
  }

  /** Sends any bytes as they are: for tests that try what a hostile client would. */
  sendRaw(data: Uint8Array<ArrayBuffer> | string): void {
    this.#socket.send(data);
  }

  close(): void {
    this.#socket.close();
  }

  #send(kind: FrameKind, payload: Uint8Array): void {
    this.#sequence += 1;
    const elapsed = this.#now() - this.#since;
    const sampleRate = kind === 'audio' ? SAMPLE_RATE : 0;
    const tick = Math.floor(elapsed / TICK_MS);
    this.#socket.send(
      encodeFrame(
        { kind, source: 'client', sampleRate, tick, sequence: this.#sequence, timestamp: elapsed, session: this.session },
        payload,
      ),
    );
  }

  #receive(bytes: Uint8Array): void {
    const frame = decodeFrame(bytes);
    if (isRefusal(frame)) return;
    this.#listener.frame?.(frame);
    const { kind, source } = frame.header;
    if (kind === 'audio') this.#listener.audio?.(new Int16Array(frame.payload.slice().buffer), frame);
    else if (kind === 'text') this.#listener.said?.(new TextDecoder().decode(frame.payload), frame);
    else if (kind === 'event' && source === 'gate') this.#listener.gate?.(GateEvent.parse(jsonIn(frame.payload)), frame);
    else if (kind === 'event') this.#listener.engine?.(EngineEvent.parse(jsonIn(frame.payload)), frame);
  }
}

function jsonIn(payload: Uint8Array): unknown {
  return JSON.parse(new TextDecoder().decode(payload));
}
