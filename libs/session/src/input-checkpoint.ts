import type { Level } from '@wheelhouse/protocol/level';
import { type FoundSpan, NO_SIGNALS, type Signals } from '@wheelhouse/protocol/signals';
import { type EnteredInput, enterWords, inPlaceOf, type InputPart, type InputWords, MOST_PARTS } from './input-part.ts';
import { joinSignals } from './output-checkpoint.ts';
import { maskText } from './redaction.ts';
import type { Decided, TickPolicy } from './tick-policy.ts';

/** What was typed or shown waits this many ticks for its verdict, and is refused then. */
const MOST_WAIT = 10;

/** Words or a picture for the engine, before their checkpoint. `scan` numbers the question to the detectors; null: there is nothing to ask them about. */
export type WaitingInput =
  | { readonly what: 'text'; readonly scan: number; readonly since: number; readonly words: InputWords; seen: Seen | null }
  | { readonly what: 'image'; readonly scan: number; readonly since: number; readonly jpeg: Uint8Array; seen: Seen | null }
  | { readonly what: 'wordless'; readonly part: InputPart };
/**
 * A picture that was judged. `since`: the first tick that it could have entered; it came in the 200 ms before that. `image`: null where it may not
 * reach the engine, and then nothing of it goes any further. Of several that may, the last of a tick is what the engine sees.
 */
export type ShownPicture = { readonly since: number; readonly image: Uint8Array | null };
type Seen = { readonly signals: Signals; readonly spans: readonly FoundSpan[] };

/** A session's input between the inbox and the engine. */
export type InputCheckpoint = {
  waiting: WaitingInput[];
  /** Words that a human let through: they pass without being judged again. */
  readonly approved: InputWords[];
  /** What detectors last said of what the person speaks. */
  spoken: Signals;
};

export function newInput(): InputCheckpoint {
  return { waiting: [], approved: [], spoken: NO_SIGNALS };
}

/** What a tick's input is after its checkpoint. `held` is what a human has to decide on. */
export type JudgedInput = EnteredInput & {
  image: Uint8Array | null;
  /** The pictures that were judged, in order. */
  readonly shown: ShownPicture[];
  readonly held: InputWords[];
  readonly decided: Decided[];
};

type Moment = { readonly tick: number; readonly policy: TickPolicy; readonly level: Level };

/** Takes what detectors say of something that waits. False when nothing waits under this number. */
export function takeSeen(input: InputCheckpoint, scan: number, seen: Seen): boolean {
  for (const waiting of input.waiting) {
    if (waiting.what === 'wordless' || waiting.scan !== scan) continue;
    waiting.seen = seen;
    return true;
  }
  return false;
}

/** What may enter the tick now, in order. What waits for detectors longer than it may is refused, as policy that can't be asked always is. */
export function judgeInput(input: InputCheckpoint, moment: Moment): JudgedInput {
  const judged: JudgedInput = { texts: [], extra: null, image: null, shown: [], held: [], decided: [] };
  for (const words of input.approved.splice(0, MOST_PARTS)) enterWords(judged, words);
  for (let parts = 0; parts < MOST_PARTS; parts += 1) {
    const [head] = input.waiting;
    if (head === undefined) break;
    if (head.what !== 'wordless' && head.seen === null && moment.tick - head.since <= MOST_WAIT) break;
    input.waiting.shift();
    if (head.what === 'wordless') enterWords(judged, { part: head.part, text: '' });
    else enter(head, moment, judged);
  }
  return judged;
}

/** The answer that was asked for is not wanted any more. */
export function dropRespond(input: InputCheckpoint): void {
  input.waiting = input.waiting.filter((each) => each.what !== 'wordless' || each.part.as !== 'respond');
}

function enter(head: Exclude<WaitingInput, { what: 'wordless' }>, { tick, policy, level }: Moment, judged: JudgedInput): void {
  const bare: Signals = { ...NO_SIGNALS, hasText: head.what === 'text', hasImage: head.what === 'image' };
  const signals = head.seen === null ? bare : joinSignals(bare, head.seen.signals);
  const asked = policy.input(signals, level);
  const late = ['the detectors did not answer in time'];
  const decision = head.seen === null ? { ...asked, verdict: 'deny' as const, errors: [...asked.errors, ...late] } : asked;
  if (decision.verdict !== 'allow') judged.decided.push({ checkpoint: 'tick.input', tick, level, signals, decision });
  if (head.what === 'image') {
    // There is no masking a picture, and no deciding on one in words: it is left out whole.
    const image = decision.verdict === 'allow' ? head.jpeg : null;
    judged.image = image ?? judged.image;
    judged.shown.push({ since: head.since, image });
    return;
  }
  const { part, text } = head.words;
  switch (decision.verdict) {
    case 'allow':
      enterWords(judged, head.words);
      return;
    case 'redact':
      enterWords(judged, { part, text: maskedInput(text, head.seen) });
      return;
    case 'hold':
      judged.held.push(head.words);
      return;
    case 'deny': {
      const instead = inPlaceOf(head.words, { error: 'denied', policies: decision.policies, problems: decision.errors });
      if (instead !== null) enterWords(judged, instead);
    }
  }
}

function maskedInput(text: string, seen: Seen | null): string {
  const spans = seen?.spans ?? [];
  return spans.length === 0 ? maskText(text, [{ tick: 0, from: 0, to: text.length, what: 'password' }]) : maskText(text, spans);
}

/** Whether the sound of a tick may reach the engine; what was decided if not. */
export function judgeSound(input: InputCheckpoint, sound: Pick<Signals, 'speech' | 'loudness'>, moment: Moment): Decided | null {
  const { tick, policy, level } = moment;
  const signals: Signals = { ...input.spoken, ...sound, hasAudio: true };
  const decision = policy.input(signals, level);
  return decision.verdict === 'allow' ? null : { checkpoint: 'tick.input', tick, level, signals, decision };
}
