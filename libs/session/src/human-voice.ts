import { concatBytes } from '@wheelhouse/ledger/bytes';
import type { Sha256 } from '@wheelhouse/ledger/primitives';
import type { TickInput } from '@wheelhouse/protocol/engine-tick';
import { TICK_SAMPLES } from '@wheelhouse/protocol/tick';
import { emptyInbox, type Inbox, takeAudio } from './inbox.ts';
import { loudness } from './loudness.ts';
import type { FrameSink, SessionTicks } from './tick-state.ts';

/** The voice of the human who speaks in a session beside its engine, or in its place. Changed by the functions of this file alone. */
export type HumanVoice = {
  readonly inbox: Inbox;
  /** Whether the engine hears it too, mixed with the person's. */
  readonly engineHears: boolean;
  /** What is said in the tick that runs, TICK_SAMPLES long and padded with silence; the first `samples` of it are the human's. */
  readonly sound: Int16Array<ArrayBuffer>;
  samples: number;
  /** What the engine hears in the tick that runs. */
  readonly mixed: Int16Array<ArrayBuffer>;
};

export function humanVoice(engineHears: boolean): HumanVoice {
  const silence = () => new Int16Array(TICK_SAMPLES);
  return { inbox: emptyInbox(), engineHears, sound: silence(), samples: 0, mixed: silence() };
}

/**
 * A tick has begun: takes what the human says in it. Returns the input with which the engine hears both, and which the tick's evidence then
 * commits to: the digest of what came from the client, and behind it that of the human's sound. As it was where the engine hears nothing of it.
 */
export function beginVoice(voice: HumanVoice, input: TickInput, { state, sha256 }: { state: SessionTicks; sha256: Sha256 }): TickInput {
  voice.samples = takeAudio(voice.inbox, voice.sound);
  if (!voice.engineHears || voice.samples === 0) return input;
  if (state.record !== null) state.record.input = sha256(concatBytes([state.record.input, sha256(bytesOf(voice))]));
  return { ...input, audio: mixInto(voice.mixed, input.audio, voice.sound) };
}

/** The two added, sample by sample; what is too loud is clipped, never wrapped. */
export function mixInto<Into extends Int16Array>(into: Into, one: Int16Array, other: Int16Array): Into {
  for (let i = 0; i < into.length; i += 1) into[i] = Math.max(-32_768, Math.min(32_767, (one[i] ?? 0) + (other[i] ?? 0)));
  return into;
}

/**
 * What the human says in the tick that runs, on its way to the client. Like the engine's frames it passes the gate and is evidenced among what left
 * in its tick, as a human's. Returns the samples that left; null where there were none, or the client had not taken the frame before.
 */
export function speakTick(
  voice: HumanVoice,
  state: SessionTicks,
  now: number,
  way: { sink: FrameSink; sha256: Sha256 },
): Int16Array<ArrayBuffer> | null {
  const { record, gate } = state;
  if (record === null || voice.samples === 0) return null;
  const payload = bytesOf(voice);
  if (!gate.pass('human', 'audio', now, way.sink('audio', payload, record.tick)).left) return null;
  record.left.push({ kind: 'audio', digest: way.sha256(payload), human: true });
  const said = voice.sound.subarray(0, voice.samples);
  state.levelOut = loudness(said);
  return said;
}

function bytesOf({ sound, samples }: HumanVoice): Uint8Array {
  return new Uint8Array(sound.buffer, sound.byteOffset, samples * 2);
}
