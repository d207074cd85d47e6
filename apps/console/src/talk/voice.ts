import type { Frame } from '@wheelhouse/protocol/frame';
import { Attachment, type SessionRequest } from '@wheelhouse/protocol/session';
import { EngineEvent, GateEvent } from '@wheelhouse/protocol/stream-event';
import { Cell } from '../live/cell.ts';
import { call, inWords, Refused, send } from '../rest/call.ts';
import { withLine, type SpokenLine } from '../transcript/transcript.ts';
import { AudioIn, type VoiceSource } from './audio-in.ts';
import { AudioOut } from './audio-out.ts';
import { SILENT, type PlaybackReport } from './playback-message.ts';
import { StreamSocket } from './stream-socket.ts';
import { cutOff, heardGate, type TalkState } from './talk-state.ts';

const FIRST_RETRY_MS = 250;
const LAST_RETRY_MS = 5_000;
const END_PATIENCE_MS = 1_500;

export type VoiceSourceState = 'microphone' | 'recording' | 'recording over';

type Line = {
  readonly audioIn: AudioIn;
  readonly audioOut: AudioOut;
  /** A human's voice sounds beside the engine's, and no order about the engine drops it. */
  readonly humanOut: AudioOut;
  session: string;
  socket: StreamSocket | null;
  over: boolean;
};

/** A person's talk with an engine: microphone or recording in, loudspeaker and words out, over one session that survives cut connections. */
export class Voice {
  readonly state = new Cell<TalkState>({ phase: 'idle', problem: null });
  readonly lines = new Cell<readonly SpokenLine[]>([]);
  readonly levelIn = new Cell(0);
  readonly playback = new Cell<PlaybackReport>(SILENT);
  /** Number of the last frame of the engine's or a human's that arrived here. */
  readonly lastFrame = new Cell(0);
  /** What speaks for the person; a recording stays the source after its end, as silence. */
  readonly source = new Cell<VoiceSourceState>('microphone');
  readonly audible = new Cell(false);
  #line: Line | null = null;

  async start(request: Partial<SessionRequest>, source: VoiceSource, audible: boolean): Promise<void> {
    if (this.#line !== null) return;
    const line: Line = {
      ...{ audioIn: new AudioIn(), audioOut: new AudioOut(), humanOut: new AudioOut() },
      ...{ session: '', socket: null, over: false },
    };
    this.#line = line;
    this.#reset();
    try {
      await Promise.all([
        line.audioOut.open(),
        line.humanOut.open(),
        line.audioIn.open(source, (slice) => {
          this.levelIn.set(slice.level);
          line.socket?.sendAudio(slice.pcm);
        }),
      ]);
      line.audioOut.report.subscribe(() => {
        this.playback.set(line.audioOut.report.get());
      });
      this.source.set(source.type);
      this.setAudible(audible);
      const attachment = await call(Attachment, 'POST', '/v1/sessions', request);
      line.session = attachment.session.id;
      if (line.over) await send('DELETE', `/v1/sessions/${line.session}`);
      else this.#attach(line, attachment, FIRST_RETRY_MS);
    } catch (error) {
      await this.#hangUp(line, { phase: 'idle', problem: inWords(error) });
    }
  }

  setAudible(audible: boolean): void {
    this.audible.set(audible);
    this.#line?.audioIn.setAudible(audible);
  }

  /** Asks the session to end over the stream; where the stream is cut or does not answer, by DELETE. */
  async end(): Promise<void> {
    const line = this.#line;
    if (line === null) return;
    line.audioOut.flush();
    line.humanOut.flush();
    if (line.socket?.isOpen === true) {
      line.socket.sendEnd();
      await later(END_PATIENCE_MS);
      if (line.over) return;
    }
    line.over = true;
    try {
      if (line.session !== '') await send('DELETE', `/v1/sessions/${line.session}`);
      await this.#hangUp(line, { phase: 'ended', reason: 'You ended the session.' });
    } catch (error) {
      await this.#hangUp(line, { phase: 'ended', reason: `You left, but the session could not be ended: ${inWords(error)}` });
    }
  }

  #reset(): void {
    this.state.set({ phase: 'connecting', trouble: null });
    this.lines.set([]);
    this.lastFrame.set(0);
    this.playback.set(SILENT);
  }

  #attach(line: Line, attachment: Attachment, retryMs: number): void {
    line.socket = new StreamSocket(attachment, {
      onFrame: (frame) => {
        this.#take(line, frame);
      },
      onClose: (why, opened) => {
        line.socket = null;
        if (line.over) return;
        // Silence is a stop: what a cut connection left behind is not played, since no order could reach us.
        line.audioOut.flush();
        line.humanOut.flush();
        this.state.set(cutOff(this.state.get(), why));
        void this.#reattach(line, opened ? FIRST_RETRY_MS : retryMs);
      },
    });
  }

  async #reattach(line: Line, retryMs: number): Promise<void> {
    await later(retryMs);
    if (line.over) return;
    const nextMs = Math.min(LAST_RETRY_MS, retryMs * 2);
    try {
      const attachment = await call(Attachment, 'POST', `/v1/sessions/${line.session}/ticket`);
      if (!this.#isOver(line)) this.#attach(line, attachment, nextMs);
    } catch (error) {
      const code = error instanceof Refused ? error.problem.code : null;
      if (code === 'session_ended' || code === 'not_found' || code === 'forbidden' || code === 'unauthenticated') {
        await this.#hangUp(line, { phase: 'ended', reason: inWords(error) });
        return;
      }
      this.state.set(cutOff(this.state.get(), inWords(error)));
      void this.#reattach(line, nextMs);
    }
  }

  #isOver(line: Line): boolean {
    return line.over;
  }

  #take(line: Line, frame: Frame): void {
    const { kind, source } = frame.header;
    if (line.over) return;
    if (source === 'engine') this.lastFrame.set(frame.header.sequence);
    switch (kind) {
      case 'audio':
        (source === 'human' ? line.humanOut : line.audioOut).play(frame.payload);
        return;
      case 'text':
        this.#add({ who: 'said', utterance: 0, text: new TextDecoder().decode(frame.payload), final: false, left: true });
        return;
      case 'video':
        return;
      case 'event':
        if (source === 'gate') this.#takeGateEvent(line, json(frame.payload));
        else this.#takeEngineEvent(line, json(frame.payload));
    }
  }

  #takeGateEvent(line: Line, data: unknown): void {
    const event = GateEvent.safeParse(data);
    if (!event.success) {
      this.#unreadable();
      return;
    }
    if (event.data.type === 'flush' || event.data.type === 'cut') line.audioOut.flush();
    // The recording waits for the gate, so that its first words are not lost on a connection that is still being made.
    if (event.data.type === 'ready' && this.state.get().phase === 'connecting') this.#begin(line);
    const next = heardGate(this.state.get(), event.data);
    if (next.phase === 'ended') void this.#hangUp(line, next);
    else this.state.set(next);
  }

  #takeEngineEvent(line: Line, data: unknown): void {
    const event = EngineEvent.safeParse(data);
    if (!event.success) {
      this.#unreadable();
      return;
    }
    switch (event.data.type) {
      case 'heard':
        this.#add({ who: 'heard', utterance: event.data.utterance, text: event.data.text, final: event.data.final, left: true });
        return;
      case 'yield':
        line.audioOut.flush();
        return;
      // Talk offers the engine no tools, and shows turns by what is said in them.
      case 'call':
      case 'turn_ended':
        return;
    }
  }

  #unreadable(): void {
    const message = 'An event arrived that this console cannot read. Reload the page: the console may be older than the server.';
    this.state.set(heardGate(this.state.get(), { type: 'error', code: 'bad_event', message, fatal: false }));
  }

  #begin(line: Line): void {
    line.audioIn.begin(() => {});
  }

  #add(line: Omit<SpokenLine, 'key'>): void {
    this.lines.set(withLine(this.lines.get(), line));
  }

  async #hangUp(line: Line, state: TalkState): Promise<void> {
    if (this.#line !== line) return;
    line.over = true;
    this.#line = null;
    line.audioOut.flush();
    line.humanOut.flush();
    line.socket?.close();
    this.state.set(state);
    this.levelIn.set(0);
    this.playback.set({ ...this.playback.get(), level: 0, waiting: 0 });
    await Promise.all([line.audioIn.close(), line.audioOut.close(), line.humanOut.close()]);
  }
}

function json(payload: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(payload));
  } catch {
    return null;
  }
}

function later(ms: number): Promise<void> {
  return new Promise((resolve) => {
    window.setTimeout(resolve, ms);
  });
}
