import { encodeFrame, FRAME_HEADER_BYTES } from '@wheelhouse/protocol/frame';
import { GateEvent } from '@wheelhouse/protocol/stream-event';
import { SAMPLE_RATE } from '@wheelhouse/protocol/tick';
import { WebSocket } from 'ws';
import { machineNow } from './machine-clock.ts';

const AT_TICK = 8;
const AT_SEQUENCE = 12;
const AT_TIMESTAMP = 16;
const AT_SOURCE = 2;
const ENGINE = 1;
const GATE = 3;

/** Where to attach, as `POST /v1/sessions` says. */
export type Door = { readonly url: string; readonly ticket: string };

/** One client of the crowd: sends a frame that was built beforehand, and keeps no more of what it gets than numbers and times. */
export class CrowdClient {
  readonly session: string;
  readonly #frame: Buffer;
  readonly flushes = new Map<string, number>();
  lastSequence = 0;
  lastAt = 0;
  received = 0;
  disordered = 0;
  readonly refusals: string[] = [];
  onClose: () => void = () => undefined;
  #socket: WebSocket | null = null;
  #sent = 0;
  /** After a cut, what was under way is lost: the first number may be further on. */
  #resumed = true;

  constructor(session: string, sound: Int16Array) {
    this.session = session;
    const header = { kind: 'audio', source: 'client', sampleRate: SAMPLE_RATE, tick: 0, sequence: 1, timestamp: 0, session } as const;
    this.#frame = Buffer.from(encodeFrame(header, new Uint8Array(sound.buffer, sound.byteOffset, sound.byteLength)).buffer);
  }

  attach({ url, ticket }: Door): Promise<void> {
    const socket = new WebSocket(url, ['wheelhouse.v1', `ticket.${ticket}`], { perMessageDeflate: false });
    this.#sent = 0;
    this.#resumed = true;
    return new Promise((resolve, reject) => {
      socket.once('open', () => {
        this.#socket = socket;
        resolve();
      });
      socket.once('error', reject);
      socket.on('message', (data) => {
        if (Buffer.isBuffer(data)) this.#receive(data);
      });
      socket.on('close', () => {
        if (this.#socket !== socket) return;
        this.#socket = null;
        this.onClose();
      });
    });
  }

  get open(): boolean {
    return this.#socket !== null;
  }

  /** Sends the next frame; `ws` copies it while masking, so the same memory serves again. */
  send(at: number): void {
    if (this.#socket?.readyState !== WebSocket.OPEN) return;
    this.#sent += 1;
    this.#frame.writeUInt32LE(this.#sent, AT_TICK);
    this.#frame.writeUInt32LE(this.#sent, AT_SEQUENCE);
    this.#frame.writeDoubleLE(at, AT_TIMESTAMP);
    this.#socket.send(this.#frame);
  }

  close(): void {
    this.onClose = () => undefined;
    this.#socket?.close();
  }

  #receive(frame: Buffer): void {
    if (frame[AT_SOURCE] === ENGINE) {
      const sequence = frame.readUInt32LE(AT_SEQUENCE);
      // The gate numbers without gaps, and the socket keeps the order: anything else is a frame lost, doubled or let through beside it.
      if (this.#resumed ? sequence <= this.lastSequence : sequence !== this.lastSequence + 1) this.disordered += 1;
      this.#resumed = false;
      this.lastSequence = Math.max(this.lastSequence, sequence);
      this.lastAt = machineNow();
      this.received += 1;
    } else if (frame[AT_SOURCE] === GATE) {
      const event = GateEvent.parse(JSON.parse(frame.toString('utf8', FRAME_HEADER_BYTES)));
      if (event.type === 'flush') this.flushes.set(event.order, machineNow());
      if (event.type === 'error') this.refusals.push(event.code);
    }
  }
}
