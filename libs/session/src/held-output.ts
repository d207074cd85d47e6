import { utf8 } from '@wheelhouse/ledger/bytes';
import type { Sha256 } from '@wheelhouse/ledger/primitives';
import type { SpokenWord, TickAnswer } from '@wheelhouse/protocol/engine-tick';
import type { FrameKind } from '@wheelhouse/protocol/frame';
import type { FoundSpan, Signals } from '@wheelhouse/protocol/signals';
import type { EngineEvent } from '@wheelhouse/protocol/stream-event';
import { TICK_SAMPLES } from '@wheelhouse/protocol/tick';
import type { FrameDigest } from './evidence.ts';
import { maskText, mutedSamples, silenced } from './redaction.ts';

/** What the engine said in one tick, on its way to the client. */
export type HeldOutput = {
  /** The tick that it was produced in. */
  readonly tick: number;
  /** How many orders had landed when it was produced. */
  readonly cuts: number;
  readonly heard: TickAnswer['heard'];
  readonly said: string;
  readonly words: readonly SpokenWord[] | null;
  readonly audio: Int16Array | null;
  readonly turnEnded: boolean;
  /** Scans that have not answered yet; 0: the signals are whole. */
  scans: number;
  signals: Signals;
  /** Whether policy wants its sound marked as made by a machine. */
  watermark: boolean;
  /** What was found in `said`, and in each of `heard`. */
  readonly saidSpans: FoundSpan[];
  readonly heardSpans: FoundSpan[];
  /** Its frames with their digests, as they were produced; null: not made yet, or it was changed since. */
  frames: readonly EvidencedFrame[] | null;
};

export type OutputFrame = { readonly kind: FrameKind; readonly payload: Uint8Array };
export type EvidencedFrame = OutputFrame & { readonly evidence: FrameDigest };

/** What an answer says, before it is known what of it may leave. */
export function heldOutput(answer: TickAnswer, signals: Signals, cuts: number): HeldOutput {
  const { tick, heard, said, audio, extra } = answer;
  const sound = audio === null || audio.length === 0 ? null : audio;
  return {
    ...{ tick, cuts, heard, said, turnEnded: extra?.turnEnded ?? false, words: extra?.words ?? null },
    ...{ audio: sound, scans: 0, signals, watermark: false, saidSpans: [], heardSpans: [], frames: null },
  };
}

export function isEmpty({ heard, said, audio, turnEnded }: HeldOutput): boolean {
  return heard.length === 0 && said === '' && audio === null && !turnEnded;
}

/** Its frames with their digests; made once. */
export function evidencedFrames(output: HeldOutput, sha256: Sha256): readonly EvidencedFrame[] {
  output.frames ??= framesOf(output).map((frame) => evidenced(frame, sha256));
  return output.frames;
}

export function evidenced({ kind, payload }: OutputFrame, sha256: Sha256): EvidencedFrame {
  return { kind, payload, evidence: { kind, digest: sha256(payload) } };
}

/** Its frames in the order in which they leave: what was heard, words, sound, and that the turn is over. */
export function framesOf({ heard, said, audio, turnEnded }: Pick<HeldOutput, 'heard' | 'said' | 'audio' | 'turnEnded'>): OutputFrame[] {
  const frames: OutputFrame[] = heard.map(({ utterance, text, final }) => eventFrame({ type: 'heard', utterance, text, final }));
  if (said !== '') frames.push({ kind: 'text', payload: utf8(said) });
  if (audio !== null) frames.push({ kind: 'audio', payload: new Uint8Array(audio.buffer, audio.byteOffset, audio.byteLength) });
  if (turnEnded) frames.push(eventFrame({ type: 'turn_ended' }));
  return frames;
}

export function eventFrame(event: EngineEvent): OutputFrame {
  return { kind: 'event', payload: utf8(JSON.stringify(event)) };
}

/** The output with its first `carry` samples silent, for a masked word of the tick before that reaches into it; and how much is left to carry on. */
export function mutedStart(output: HeldOutput, carry: number): { readonly output: HeldOutput; readonly carry: number } {
  if (carry === 0) return { output, carry };
  const { audio } = output;
  return {
    output: { ...output, frames: null, audio: audio === null ? null : silenced(audio, [[0, carry]]) },
    carry: Math.max(0, carry - TICK_SAMPLES),
  };
}

/**
 * The output with everything masked that was found in it: characters in the words, and exactly their sound. Where policy asks for redaction and
 * nothing was found (in a picture, for example), all of it. `carry`: samples of the next output that a masked word reaches into.
 */
export function redacted(output: HeldOutput): { readonly output: HeldOutput; readonly carry: number } {
  const { said, words, audio, saidSpans, heardSpans } = output;
  const nothingFound = saidSpans.length === 0 && heardSpans.length === 0;
  const whole = { tick: output.tick, from: 0, to: said.length, what: 'password' } as const;
  const spans: readonly FoundSpan[] = nothingFound ? [whole] : saidSpans;
  const { stretches, over } = mutedSamples({ words: nothingFound ? null : words, samples: audio?.length ?? 0 }, spans);
  const sound = audio === null ? null : silenced(audio, stretches);
  const heard = output.heard.map((each) => ({ ...each, text: maskHeard(output, each.text) }));
  return { output: { ...output, frames: null, said: maskText(said, spans), heard, audio: sound }, carry: over };
}

/** What was understood is masked where a masked stretch of it lies; where several were understood in a tick, spans count over them in order. */
function maskHeard({ heard, heardSpans }: HeldOutput, text: string): string {
  let from = 0;
  for (const each of heard) {
    if (each.text === text) break;
    from += each.text.length + 1;
  }
  return maskText(
    text,
    heardSpans.map((span) => ({ ...span, from: span.from - from, to: span.to - from })),
  );
}

/** The text that detectors read of what was heard in a tick. */
export function heardText(heard: TickAnswer['heard']): string {
  return heard.map(({ text }) => text).join('\n');
}
