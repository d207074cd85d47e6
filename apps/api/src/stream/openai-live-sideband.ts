import type { MessagePort } from 'node:worker_threads';
import { problemOf, type Problem } from '@wheelhouse/protocol/problem';
import type { SuperviseEvent } from '@wheelhouse/protocol/supervision';
import { LiveAudio } from '@wheelhouse/realtime/live-audio';
import type { LiveFault } from '@wheelhouse/realtime/live-client-events';
import type { LiveServerEvent } from '@wheelhouse/realtime/live-server-events';
import {
  closedForSideband,
  gateForSideband,
  type SidebandSession,
  soundForSideband,
  spanOf,
  takeTranscriptLines,
  untoldTranscript,
} from '@wheelhouse/realtime/live-sideband';
import { type LiveSidebandEvent, readSidebandEvent, type SidebandReading } from '@wheelhouse/realtime/live-sideband-events';
import { nameLive, type NewLiveEvent } from '@wheelhouse/realtime/live-state';
import type { RawData, WebSocket } from 'ws';
import type { SidebandAct, ThreadTold } from './control-line.ts';
import { liveIds } from './openai-live-wire.ts';
import { SuperviseLine } from './supervise-line.ts';
import type { Overheard, Spoken } from './supervise-messages.ts';

const MOST_FAULTS = 20;
const MOST_ACTS_A_SECOND = 20;
/** One who does not take what they are sent hears less, and is cut off in the end. */
const MOST_UNSENT_SOUND = 512 * 1024;
const MOST_UNSENT = 4 * 1024 * 1024;
const PING_MS = 3000;
const CLOSE_WITHIN_MS = 1000;
const FORMAT = { type: 'audio/pcm', rate: 24_000 } as const;

type Sound = Extract<Overheard, { type: 'sound' }>;
type Done = Extract<ThreadTold, { ok: true }>;
type Parts = {
  readonly socket: WebSocket;
  readonly session: SidebandSession;
  readonly now: () => number;
  readonly act: (act: SidebandAct) => Promise<ThreadTold>;
  /** The connection is over, once. */
  readonly onOver: () => void;
};

/** One sideband's connection, on whichever stream thread it came in: it overhears the session as a human who monitors does, and asks for orders. */
export class OpenaiLiveSideband {
  readonly #parts: Parts;
  readonly #newId = liveIds();
  readonly #audio = { client: new LiveAudio(FORMAT), engine: new LiveAudio(FORMAT), human: new LiveAudio(FORMAT) };
  readonly #heardAt = { client: -1, engine: -1, human: -1 };
  #line: SuperviseLine<Spoken, Overheard> | null = null;
  #transcript = untoldTranscript;
  #tick = 0;
  #faults = 0;
  #acts = { since: 0, count: 0 };
  #isClosed = false;
  #answersPings = true;

  constructor(parts: Parts) {
    const { socket } = parts;
    this.#parts = parts;
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
      socket.terminate();
    });
    socket.on('close', () => {
      clearInterval(ping);
      this.#line?.close();
      parts.onOver();
    });
  }

  /** The line to the thread where the session lives now. */
  readonly connect = (port: MessagePort): void => {
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
  };

  readonly tell = (event: SuperviseEvent): void => {
    switch (event.type) {
      case 'ready': {
        this.#tick = event.tick;
        const latched = event.latched.length === 0 ? 'no latch is in force' : `in force: ${event.latched.join(', ')}`;
        this.#say({
          type: 'info',
          code: 'wheelhouse.attached',
          message: `You listen to session ${event.session}: level ${event.level}, ${latched}.`,
        });
        return;
      }
      case 'transcript': {
        const { state, out } = takeTranscriptLines(this.#transcript, event.lines);
        this.#transcript = state;
        for (const one of out) this.#say(one);
        return;
      }
      case 'client':
        this.#say({
          ...{ type: 'info', code: 'wheelhouse.client' },
          message: event.attached ? 'The session’s client is attached.' : 'The session’s client is not attached: there is nothing to hear.',
        });
        return;
      case 'ended':
        if (!this.#isClosed) this.#say(closedForSideband(this.#parts.session, this.#tick));
        this.#isClosed = true;
        return;
      case 'verb':
      case 'whispered':
      case 'refused':
      case 'supervision':
      case 'typed':
      case 'gate':
      case 'error':
        // Of humans who speak, and of who is there; the rest comes by the line.
        return;
    }
  };

  readonly close = (reason: string, code = 1000): void => {
    if (!this.#isClosed) this.#error({ code: 'wheelhouse.detached', message: reason, param: null, clientEvent: null }, 'server_error');
    this.#hangUp(code, 'ended');
  };

  #overheard(message: Overheard): void {
    switch (message.type) {
      case 'sound':
        this.#hear(message);
        return;
      case 'gate': {
        const { event } = message;
        if (event.type === 'flush' || event.type === 'cut') this.#audio.engine.flush();
        const told = gateForSideband(event);
        if (told !== null) this.#say(told);
        return;
      }
      case 'typed':
        this.#say({ type: 'info', code: 'wheelhouse.typed', message: message.text });
        return;
      case 'refused':
        // Only those who speak are refused.
        return;
    }
  }

  #hear({ source, tick, pcm }: Sound): void {
    this.#tick = Math.max(this.#tick, tick);
    const audio = this.#audio[source];
    if (tick !== this.#heardAt[source] + 1) audio.flush();
    this.#heardAt[source] = tick;
    if (this.#parts.socket.bufferedAmount <= MOST_UNSENT_SOUND) this.#send(soundForSideband(source, tick, audio.said(pcm)));
  }

  #receive(data: RawData, isBinary: boolean): void {
    const reading = readData(data, isBinary);
    if ('fault' in reading) this.#refuse(reading.fault);
    else if (this.#tooMany()) {
      const { detail } = problemOf('rate_limited', `More than ${MOST_ACTS_A_SECOND} events in a second. Wait a moment, and ask again.`);
      this.#refuse({ code: 'rate_limited', message: detail, param: null, clientEvent: reading.event.event_id ?? null });
    } else void this.#do(reading.event);
  }

  async #do(event: LiveSidebandEvent): Promise<void> {
    const told = await this.#parts.act(actOf(event));
    if (told.ok) this.#done(event, told);
    else this.#refuseProblem(told.problem, event.event_id ?? null);
  }

  #done(event: LiveSidebandEvent, { tick = 0 }: Done): void {
    const clientEvent = event.event_id ?? null;
    const { start_ms } = spanOf(tick, tick);
    const span = { start_ms, end_ms: start_ms };
    switch (event.type) {
      case 'session.input_audio.mute':
        this.#say({ type: 'session.input_audio.muted' }, clientEvent);
        return;
      case 'session.instructions.append':
        this.#say({ type: 'session.instructions.appended', ...span }, clientEvent);
        return;
      case 'session.thinking.append':
        this.#say({ type: 'session.thinking.appended', ...span }, clientEvent);
        return;
      case 'session.commentary.append':
        this.#say({ type: 'session.commentary.appended', ...span }, clientEvent);
        return;
      case 'session.input_audio.unmute':
      case 'session.close':
        // The first is never done; the second is told as the session's end.
        return;
    }
  }

  #tooMany(): boolean {
    const now = this.#parts.now();
    if (now - this.#acts.since > 1000) this.#acts = { since: now, count: 0 };
    this.#acts.count += 1;
    return this.#acts.count > MOST_ACTS_A_SECOND;
  }

  #refuseProblem({ code, detail }: Problem, clientEvent: string | null): void {
    this.#error({ code, message: detail, param: null, clientEvent }, 'invalid_request_error');
  }

  #refuse(fault: LiveFault): void {
    this.#faults += 1;
    this.#error(fault, 'invalid_request_error');
    if (this.#faults >= MOST_FAULTS) this.#hangUp(1008, 'bad_event');
  }

  #error({ code, message, param, clientEvent }: LiveFault, type: string): void {
    const client = clientEvent === null ? {} : { client_event_id: clientEvent };
    this.#say({ type: 'error', error: { type, code, message, ...(param === null ? {} : { param }), ...client } }, clientEvent);
  }

  #say(event: NewLiveEvent, clientEvent: string | null = null): void {
    this.#send(nameLive({ newId: this.#newId }, event, clientEvent));
  }

  #send(event: LiveServerEvent): void {
    const { socket } = this.#parts;
    if (socket.readyState !== socket.OPEN) return;
    if (socket.bufferedAmount > MOST_UNSENT) socket.terminate();
    else socket.send(JSON.stringify(event));
  }

  #hangUp(code: number, reason: string): void {
    const { socket } = this.#parts;
    socket.close(code, reason);
    setTimeout(() => {
      socket.terminate();
    }, CLOSE_WITHIN_MS).unref();
  }

  #ping(): void {
    const { socket } = this.#parts;
    if (!this.#answersPings) {
      socket.terminate();
      return;
    }
    this.#answersPings = false;
    socket.ping();
  }
}

function actOf(event: LiveSidebandEvent): SidebandAct {
  switch (event.type) {
    case 'session.input_audio.mute':
      return { type: 'mute' };
    case 'session.input_audio.unmute':
      return { type: 'unmute' };
    case 'session.close':
      return { type: 'close' };
    case 'session.instructions.append':
    case 'session.thinking.append':
    case 'session.commentary.append':
      return { type: 'whisper', text: event.content };
  }
}

function readData(data: RawData, isBinary: boolean): SidebandReading {
  if (!isBinary && Buffer.isBuffer(data)) return readSidebandEvent(data.toString('utf8'));
  return {
    fault: { code: 'not_text', message: 'Events are JSON in text messages; this was a binary one.', param: null, clientEvent: null },
  };
}
