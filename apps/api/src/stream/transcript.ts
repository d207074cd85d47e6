import type { TickAnswer } from '@wheelhouse/protocol/engine-tick';
import type { TranscriptLine } from '@wheelhouse/protocol/session';
import type { Outgoing } from '@wheelhouse/session/tick-state';

type Said = Pick<TickAnswer, 'tick' | 'said' | 'heard' | 'yielded'>;

/** What operators read of an answer: also what the gate withheld, marked as such. */
export function transcriptOf(session: string, answer: Said, frames: readonly Outgoing[]): TranscriptLine[] {
  if (answer.said === '' && answer.heard.length === 0 && !answer.yielded) return [];
  // The frames stand in the order of `framesOf`: yield, each heard, the words, the audio.
  const left = frames.map((frame) => frame.left);
  const lines: TranscriptLine[] = [];
  const line = (who: TranscriptLine['who'], utterance: number, text: string, final: boolean) =>
    lines.push({ session, tick: answer.tick, who, utterance, text, final, left: left.shift() ?? false });
  if (answer.yielded) line('gate', 0, 'the engine yields', true);
  for (const { utterance, text, final } of answer.heard) line('heard', utterance, text, final);
  if (answer.said !== '') line('said', 0, answer.said, false);
  return lines;
}
