import type { TickAnswer, TickInput } from '@wheelhouse/protocol/engine-tick';
import { AudioResampler } from '@wheelhouse/realtime/audio-resample';
import { base64OfBytes } from '@wheelhouse/realtime/audio-base64';
import { takeMessage, takeSocket, takeTick, type UpstreamStep } from '@wheelhouse/realtime/upstream-conversation';
import { readUpstreamEvent } from '@wheelhouse/realtime/upstream-events';
import { withoutKeys } from '@wheelhouse/realtime/upstream-history';
import { addToOutbox, type Outbox } from '@wheelhouse/realtime/upstream-outbox';
import type { UpstreamSound } from '@wheelhouse/realtime/upstream-output';
import { initialUpstream, type UpstreamState } from '@wheelhouse/realtime/upstream-state';
import type { Engine, EngineSession, EngineStream } from './engine.ts';
import { UpstreamMemory } from './upstream-memory.ts';
import { plainWords, type UpstreamSettings } from './upstream-settings.ts';
import { UpstreamSocket } from './upstream-socket.ts';

/** Bytes that may wait in the socket before more is held back. */
const MOST_BACKLOG = 512 * 1024;
const SWEEP_MS = 60_000;

class UpstreamStream implements EngineStream {
  readonly #settings: UpstreamSettings;
  readonly #session: EngineSession;
  readonly #memory: UpstreamMemory;
  readonly #toUpstream = new AudioResampler(16_000, 24_000);
  #fromUpstream = new AudioResampler(24_000, 16_000);
  #voice = -1;
  #state: UpstreamState;
  #socket: UpstreamSocket | null = null;
  #outbox: Outbox = [];
  #isHeldBack = false;
  #isOpen = true;

  constructor(settings: UpstreamSettings, session: EngineSession, memory: UpstreamMemory) {
    this.#settings = settings;
    this.#session = session;
    this.#memory = memory;
    const remembered = memory.take(session.id);
    this.#state = initialUpstream({ seed: seedOf(session.id), transcription: settings.transcription, ...(remembered ?? {}) });
  }

  tick(input: TickInput): Promise<TickAnswer> {
    const { tick, texts, whispers, image, extra } = input;
    const sound = this.#toUpstream.take(input.audio);
    // Little-endian, as everywhere on the stream's way: copying each sample would cost a quarter of the conversion again.
    const audio = base64OfBytes(new Uint8Array(sound.buffer, sound.byteOffset, sound.byteLength));
    this.#socket?.beat();
    const step = takeTick(this.#state, {
      ...{ tick, audio, texts, whispers },
      ...(image === undefined ? {} : { image: base64OfBytes(image) }),
      ...(extra === undefined ? {} : { extra }),
    });
    this.#follow(step);
    const { sound: spoken, ...rest } = step.answer;
    return Promise.resolve({ ...rest, audio: spoken === null ? null : this.#converted(spoken) });
  }

  close(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    // Nothing of what it was saying is of any use later; what was heard is.
    const { history, config } = takeSocket(this.#state, { type: 'closed', why: 'the session was closed' }).state;
    this.#memory.keep(this.#session.id, { history: withoutKeys(history), config });
    this.#dropSocket();
  }

  /** A new item is converted from its own beginning: not even the filter's memory of another goes into it. */
  #converted({ samples, voice }: UpstreamSound): Int16Array {
    if (voice !== this.#voice) this.#fromUpstream = new AudioResampler(24_000, 16_000);
    this.#voice = voice;
    return this.#fromUpstream.take(samples);
  }

  #follow({ state, send, troubles, link }: UpstreamStep): void {
    if (!this.#isOpen) return;
    this.#state = state;
    if (link !== null) this.#dropSocket();
    if (link === 'open') this.#connect();
    this.#post(send);
    for (const words of troubles) this.#session.onTrouble?.(plainWords(words, this.#settings));
  }

  #connect(): void {
    const socket: UpstreamSocket = new UpstreamSocket(this.#settings, {
      onOpened: () => {
        this.#follow(takeSocket(this.#state, { type: 'opened' }));
      },
      onMessage: (text) => {
        const message = text === null ? { type: 'garbage' as const, why: 'a message that is not text' } : readUpstreamEvent(text);
        this.#follow(takeMessage(this.#state, message, text?.length ?? 0));
      },
      onClosed: (why) => {
        this.#follow(takeSocket(this.#state, { type: 'closed', why }));
      },
    });
    this.#socket = socket;
  }

  #dropSocket(): void {
    this.#socket?.drop();
    this.#socket = null;
    this.#outbox = [];
    this.#isHeldBack = false;
  }

  /** Sends as long as the network takes it; holds back the rest, and gives up sound that grows old there. */
  #post(events: UpstreamStep['send']): void {
    const socket = this.#socket;
    if (socket === null) return;
    const added = addToOutbox(this.#outbox, events);
    this.#outbox = added.outbox;
    while (this.#outbox.length > 0 && socket.backlog < MOST_BACKLOG) {
      const [first, ...rest] = this.#outbox;
      this.#outbox = rest;
      socket.send(JSON.stringify(first));
    }
    if (added.isStuck) {
      this.#follow(takeSocket(this.#state, { type: 'closed', why: 'it does not read what it is sent' }));
    } else if (added.dropped > 0 && !this.#isHeldBack) {
      this.#isHeldBack = true;
      this.#session.onTrouble?.('upstream: it reads more slowly than the person speaks; older sound is given up');
    } else if (this.#outbox.length === 0) this.#isHeldBack = false;
  }
}

/** A number that differs from session to session. */
function seedOf(id: string): number {
  let seed = 0;
  for (const character of id) seed = (seed * 31 + (character.codePointAt(0) ?? 0)) % 65_521;
  return seed;
}

/** An engine process's client of one upstream. */
export type UpstreamEngine = { readonly engine: Engine; close(): void };

/**
 * An engine that is a client of any server that speaks the OpenAI Realtime protocol (GA) over a WebSocket: one connection for each session.
 * It never waits for it. What it does when the upstream is slow, away or hostile is in `docs/upstream.md`.
 */
export function createUpstream(settings: UpstreamSettings, now: () => number): UpstreamEngine {
  const memory = new UpstreamMemory(now);
  const timer = setInterval(() => {
    memory.sweep();
  }, SWEEP_MS);
  timer.unref();
  return {
    engine: { kind: 'realtime', model: settings.model, open: (session) => new UpstreamStream(settings, session, memory) },
    close: () => {
      clearInterval(timer);
    },
  };
}
