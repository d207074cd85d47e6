import type { MessagePort } from 'node:worker_threads';
import { sha256 } from '@wheelhouse/installation/node-crypto';
import type { TickAnswer, TickInput } from '@wheelhouse/protocol/engine-tick';
import type { FrameKind } from '@wheelhouse/protocol/frame';
import type { GateEvent } from '@wheelhouse/protocol/stream-event';
import { beginVoice, type HumanVoice, humanVoice, speakTick } from '@wheelhouse/session/human-voice';
import { admitAudio } from '@wheelhouse/session/inbox';
import { TICK_SAMPLES } from '@wheelhouse/protocol/tick';
import { joinExtra } from '@wheelhouse/session/tick-extra';
import type { LiveSession } from './live-session.ts';
import { SuperviseLine } from './supervise-line.ts';
import type { HandedBack, Overheard, Speaker, Spoken, SuperviseFromThread, SuperviseToSession } from './supervise-messages.ts';

const SILENCE = new Int16Array(TICK_SAMPLES);
const HELP_EVERY_MS = 10_000;

type Line = SuperviseLine<Overheard, Spoken>;

/** What humans hear of an attached session, and what one of them says in it. On the session's own thread; one object a connection of its client. */
export class SuperviseSession {
  readonly #live: LiveSession;
  readonly #now: () => number;
  readonly #onHandedBack: (release: string) => void;
  readonly #lines = new Map<string, Line>();
  #speaker: Speaker | null = null;
  #voice: HumanVoice | null = null;
  #isDeaf = false;
  /** One a tick: what an engine is told with a tick has its limits. */
  readonly #handedBack: HandedBack[] = [];
  readonly #known = new Set<string>();

  constructor(live: LiveSession, parts: { now: () => number; onHandedBack: (release: string) => void }) {
    this.#live = live;
    this.#now = parts.now;
    this.#onHandedBack = parts.onHandedBack;
  }

  overhear(supervision: string, port: MessagePort): void {
    this.#lines.get(supervision)?.close();
    const line: Line = new SuperviseLine<Overheard, Spoken>(port, {
      take: ({ pcm }) => {
        this.#hear(supervision, line, pcm);
      },
      closed: () => {
        if (this.#lines.get(supervision) === line) this.#lines.delete(supervision);
      },
    });
    this.#lines.set(supervision, line);
  }

  /** From now on this human is heard, and nobody else; null: nobody. What another had said and was not heard yet is dropped. */
  setSpeaker(speaker: Speaker | null): void {
    this.#speaker = speaker;
    this.#voice = speaker === null ? null : humanVoice(speaker.engineHears);
  }

  /** Whether the engine is kept from hearing its person; those who listen in go on hearing them. */
  deafen(isDeaf: boolean): void {
    this.#isDeaf = isDeaf;
  }

  /** Said again and again until it is known to be done; done once. */
  handBack(handedBack: HandedBack): void {
    if (this.#known.has(handedBack.release)) return;
    this.#known.add(handedBack.release);
    this.#handedBack.push(handedBack);
  }

  /** A tick is about to begin: where the engine is there to hear it, it is told what happened while it was not heard. */
  beforeTick(): void {
    const [next] = this.#handedBack;
    if (next === undefined || !this.#live.engineOpen) return;
    this.#handedBack.shift();
    const { ticks } = this.#live;
    ticks.extra = joinExtra(ticks.extra, { said: next.said });
    ticks.whispers.push(next.guidance);
    this.#onHandedBack(next.release);
  }

  /** A tick has begun with this input. Passes the human's voice on to the client, and returns what the engine is to hear. */
  began(opened: TickInput): TickInput {
    const { ticks, tap, open } = this.#live;
    this.#tell(opened);
    const input = this.#isDeaf ? { ...opened, audio: SILENCE } : opened;
    if (this.#voice === null) return input;
    const heard = beginVoice(this.#voice, input, { state: ticks, sha256 });
    const said = open ? speakTick(this.#voice, ticks, this.#now(), { sink: this.#live.humanSink, sha256 }) : null;
    if (said !== null) {
      tap?.spoke(said, this.#now());
      this.#sound('human', input.tick, said, this.#speaker?.supervision);
    }
    return heard;
  }

  /** A frame of the engine's has left. */
  left(kind: FrameKind, payload: Uint8Array, tick: number): void {
    if (kind !== 'audio' || this.#lines.size === 0) return;
    const pcm = payload.slice();
    this.#sound('engine', tick, new Int16Array(pcm.buffer, 0, pcm.length >> 1));
  }

  gate(event: GateEvent): void {
    for (const line of this.#lines.values()) line.word({ type: 'gate', event });
  }

  close(): void {
    for (const line of this.#lines.values()) line.close();
    this.#lines.clear();
  }

  #tell({ tick, texts }: TickInput): void {
    if (this.#lines.size === 0) return;
    for (const line of this.#lines.values()) for (const text of texts) line.word({ type: 'typed', tick, text });
    const { audio } = this.#live.ticks;
    if (audio.some((sample) => sample !== 0)) this.#sound('client', tick, audio);
  }

  #sound(source: 'client' | 'engine' | 'human', tick: number, samples: Int16Array, except?: string): void {
    for (const [supervision, line] of this.#lines) {
      if (supervision === except) continue;
      const pcm = new Uint8Array(samples.byteLength);
      pcm.set(new Uint8Array(samples.buffer, samples.byteOffset, samples.byteLength));
      line.sound({ type: 'sound', source, tick, pcm }, pcm.buffer);
    }
  }

  #hear(supervision: string, line: Line, pcm: Uint8Array<ArrayBuffer>): void {
    if (this.#voice === null || this.#speaker?.supervision !== supervision) {
      const message = 'Nobody hears you: ask for barge or take_over first, and wait for the answer. This frame was dropped.';
      line.word({ type: 'refused', code: 'not_speaking', message });
      return;
    }
    const refusal = admitAudio(this.#voice.inbox, pcm);
    if (refusal !== null) line.word({ type: 'refused', ...refusal });
  }
}

type Report = (message: SuperviseFromThread) => void;

/** What the control thread says about the humans of a session. One that is not here any more is told of again where its client attaches next. */
export function lookAfter(
  live: LiveSession | undefined,
  message: SuperviseToSession,
  { now, report }: { now: () => number; report: Report },
): void {
  if (live === undefined) {
    if (message.type === 'supervise.overhear') message.port.close();
    return;
  }
  const onHandedBack = (release: string) => {
    report({ type: 'supervise.handed_back', session: live.session, release });
  };
  live.supervised ??= new SuperviseSession(live, { now, onHandedBack });
  switch (message.type) {
    case 'supervise.overhear':
      live.supervised.overhear(message.supervision, message.port);
      return;
    case 'supervise.speaker':
      live.supervised.setSpeaker(message.speaker);
      return;
    case 'supervise.deafen':
      live.supervised.deafen(message.isDeaf);
      return;
    case 'supervise.hand_back':
      live.supervised.handBack(message.handedBack);
  }
}

/** The engine may ask for a human in every tick; people are told of it now and then. */
export function tellHelp(live: LiveSession, { tick, extra }: TickAnswer, { clock, report }: { clock: number; report: Report }): void {
  if (extra?.help === undefined || clock - live.helpAskedAt < HELP_EVERY_MS) return;
  live.helpAskedAt = clock;
  report({ type: 'help', session: live.session, tick, text: extra.help });
}
