import type { MessagePort } from 'node:worker_threads';
import { decodeFrame, encodeFrameWithId, FRAME_MAX_BYTES, type FrameHeader, isRefusal, uuidBytes } from '@wheelhouse/protocol/frame';
import { problemOf } from '@wheelhouse/protocol/problem';
import type { StreamErrorCode } from '@wheelhouse/protocol/stream-event';
import { SuperviseCommand, type SuperviseEvent } from '@wheelhouse/protocol/supervision';
import { SAMPLE_RATE } from '@wheelhouse/protocol/tick';
import { FrameCounter } from '@wheelhouse/session/frame-counter';
import type { RawData, WebSocket } from 'ws';
import { SuperviseLine } from './supervise-line.ts';
import type { Overheard, ParsedCommand, Spoken } from './supervise-messages.ts';

const MOST_FAULTS = 20;
/** A supervisor who does not take what they are sent hears less, and is cut off in the end. */
const MOST_UNSENT_SOUND = 256 * 1024;
const MOST_UNSENT = 4 * 1024 * 1024;
const MOST_COMMANDS_A_SECOND = 20;
const PING_MS = 3000;
const CLOSE_WITHIN_MS = 1000;

type Parts = {
  readonly socket: WebSocket;
  readonly supervision: string;
  readonly session: string;
  readonly now: () => number;
  readonly onCommand: (command: ParsedCommand) => void;
  /** The connection is over, once. `said`: the supervisor said that they leave. */
  readonly onOver: (said: boolean) => void;
};

/** One supervisor's connection: `/v1/supervise/:session`, frames both ways (`frame.ts`), on whichever stream thread it came in. */
export class SuperviseConnection {
  readonly #parts: Parts;
  readonly #id: Uint8Array;
  readonly #counter: FrameCounter;
  readonly #since: number;
  #line: SuperviseLine<Spoken, Overheard> | null = null;
  #sequence = 0;
  #tick = 0;
  #faults = 0;
  #commands = { since: 0, count: 0 };
  #toldNotSpeaking = false;
  #said = false;
  #answersPings = true;

  constructor(parts: Parts) {
    const { socket, session } = parts;
    this.#parts = parts;
    this.#id = uuidBytes(session);
    this.#counter = new FrameCounter(session, 'human');
    this.#since = parts.now();
    const ping = setInterval(() => {
      this.#ping();
    }, PING_MS);
    socket.on('message', (data, isBinary) => {
      this.#receive(data, isBinary);
    });
    socket.on('pong', () => {
      this.#answersPings = true;
    });
    socket.on('error', () => {
      this.#cutSoon();
    });
    socket.on('close', () => {
      clearInterval(ping);
      this.#line?.close();
      parts.onOver(this.#said);
    });
  }

  /** The line to the thread where the session lives now. */
  connect(port: MessagePort): void {
    this.#line?.close();
    const line = new SuperviseLine<Spoken, Overheard>(port, {
      take: (message) => {
        this.#overheard(message);
      },
      closed: () => {
        if (this.#line === line) this.#line = null;
      },
    });
    this.#line = line;
  }

  tell(event: SuperviseEvent): void {
    if (event.type === 'verb') this.#toldNotSpeaking = false;
    if (event.type === 'ready') this.#tick = event.tick;
    this.#write('event', 'gate', this.#tick, Buffer.from(JSON.stringify(event)));
  }

  close(reason: string, code = 1000): void {
    this.tell({ type: 'ended', reason });
    this.#parts.socket.close(code, 'ended');
    this.#cutSoon();
  }

  /** Half-open connections say nothing for ever: a human who speaks in an engine's place must not be one. */
  #ping(): void {
    const { socket } = this.#parts;
    if (!this.#answersPings) {
      socket.terminate();
      return;
    }
    this.#answersPings = false;
    socket.ping();
  }

  #cutSoon(): void {
    setTimeout(() => {
      this.#parts.socket.terminate();
    }, CLOSE_WITHIN_MS).unref();
  }

  #overheard(message: Overheard): void {
    switch (message.type) {
      case 'sound':
        this.#tick = message.tick;
        if (this.#parts.socket.bufferedAmount <= MOST_UNSENT_SOUND) this.#write('audio', message.source, message.tick, message.pcm);
        return;
      case 'typed':
        this.tell({ type: 'typed', tick: message.tick, text: message.text });
        return;
      case 'gate':
        this.tell({ type: 'gate', event: message.event });
        return;
      case 'refused':
        if (message.code === 'not_speaking') this.#notSpeaking(message.message);
        else this.#refuse(message.code, message.message);
    }
  }

  #write(kind: FrameHeader['kind'], source: FrameHeader['source'], tick: number, payload: Uint8Array): void {
    const { socket, now } = this.#parts;
    if (socket.readyState !== socket.OPEN) return;
    if (socket.bufferedAmount > MOST_UNSENT) {
      socket.terminate();
      return;
    }
    this.#sequence += 1;
    const sampleRate = kind === 'audio' ? SAMPLE_RATE : 0;
    const header = { kind, source, sampleRate, tick, sequence: this.#sequence, timestamp: now() - this.#since };
    socket.send(encodeFrameWithId(header, this.#id, payload));
  }

  #receive(data: RawData, isBinary: boolean): void {
    if (!isBinary || !Buffer.isBuffer(data)) {
      this.#refuse('not_binary', 'Frames are binary WebSocket messages with a 40-byte header; this was a text message.');
      return;
    }
    const frame = decodeFrame(data);
    if (isRefusal(frame)) {
      const tooLarge = data.length > FRAME_MAX_BYTES;
      this.#refuse(tooLarge ? 'frame_too_large' : frame.code, frame.message, tooLarge);
      return;
    }
    const { header, payload } = frame;
    const refusal = this.#counter.check(header) ?? this.#take(header, payload);
    if (refusal !== null) this.#refuse(refusal.code, refusal.message);
  }

  #take({ kind, sampleRate }: FrameHeader, payload: Uint8Array): { code: StreamErrorCode; message: string } | null {
    switch (kind) {
      case 'audio':
        return this.#speak(sampleRate, payload);
      case 'event':
        return this.#command(payload);
      case 'text':
      case 'video':
        return { code: 'frame_kind', message: 'A supervisor sends audio and events; guidance in words is the event whisper.' };
    }
  }

  #speak(sampleRate: number, payload: Uint8Array): { code: StreamErrorCode; message: string } | null {
    if (sampleRate !== SAMPLE_RATE) {
      const message = `Audio at ${sampleRate} Hz can't be used; resample it to ${SAMPLE_RATE} Hz mono PCM16.`;
      return { code: 'sample_rate', message };
    }
    if (payload.length === 0 || payload.length % 2 !== 0)
      return { code: 'odd_audio', message: `PCM16 audio has an even number of bytes, at least 2; this frame has ${payload.length}.` };
    if (this.#line === null) {
      this.#notSpeaking('No client is attached to the session, so nobody hears you. This frame was dropped.');
      return null;
    }
    const pcm = Uint8Array.from(payload);
    if (this.#line.sound({ pcm }, pcm.buffer)) return null;
    return {
      code: 'too_much_audio',
      message: 'More waits than the session takes: send audio at the speed of speech. This frame was dropped.',
    };
  }

  #command(payload: Uint8Array): { code: StreamErrorCode; message: string } | null {
    const command = SuperviseCommand.safeParse(jsonOf(payload));
    if (!command.success)
      return {
        code: 'bad_event',
        message: 'The event is not JSON of a known type; supervision.ts lists what a supervisor may send: {"type":"leave"}, for example.',
      };
    if (command.data.type === 'leave') {
      this.#said = true;
      this.close('You left.');
      return null;
    }
    if (this.#tooManyCommands()) {
      const detail = `More than ${MOST_COMMANDS_A_SECOND} commands in a second. Wait a moment, and ask again.`;
      this.tell({ type: 'refused', what: command.data.type, problem: problemOf('rate_limited', detail) });
    } else this.#parts.onCommand(command.data);
    return null;
  }

  #tooManyCommands(): boolean {
    const now = this.#parts.now();
    if (now - this.#commands.since > 1000) this.#commands = { since: now, count: 0 };
    this.#commands.count += 1;
    return this.#commands.count > MOST_COMMANDS_A_SECOND;
  }

  /** Some frames are always on their way when a voice is taken from its human: that is told once, and is no fault of theirs. */
  #notSpeaking(message: string): void {
    if (this.#toldNotSpeaking) return;
    this.#toldNotSpeaking = true;
    this.tell({ type: 'error', code: 'not_speaking', message, fatal: false });
  }

  #refuse(code: StreamErrorCode, message: string, fatal = false): void {
    this.#faults += 1;
    const over = fatal || this.#faults > MOST_FAULTS;
    this.tell({ type: 'error', code, message, fatal: over });
    if (!over) return;
    this.#parts.socket.close(code === 'frame_too_large' ? 1009 : 1008, code);
    this.#cutSoon();
  }
}

function jsonOf(payload: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(payload));
  } catch {
    return null;
  }
}
