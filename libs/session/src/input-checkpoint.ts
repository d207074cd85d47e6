import type { Level } from '@wheelhouse/protocol/level';
import { type FoundSpan, NO_SIGNALS, type Signals } from '@wheelhouse/protocol/signals';
import { joinSignals } from './output-checkpoint.ts';
import { maskText } from './redaction.ts';
import type { Decided, TickPolicy } from './tick-policy.ts';

/** What was typed or shown waits this many ticks for its verdict, and is refused then. */
const MOST_WAIT = 10;

/** Something that a person typed or showed, before its checkpoint. `scan` numbers the question to the detectors. */
export type WaitingInput =
  | { readonly what: 'text'; readonly scan: number; readonly since: number; readonly text: string; seen: Seen | null }
  | { readonly what: 'image'; readonly scan: number; readonly since: number; readonly jpeg: Uint8Array; seen: Seen | null };
type Seen = { readonly signals: Signals; readonly spans: readonly FoundSpan[] };

/** A session's input between the inbox and the engine. */
export type InputCheckpoint = {
  waiting: WaitingInput[];
  /** Typed words that a human let through: they pass without being judged again. */
  readonly approved: string[];
  /** What detectors last said of what the person speaks. */
  spoken: Signals;
};

export function newInput(): InputCheckpoint {
  return { waiting: [], approved: [], spoken: NO_SIGNALS };
}

/** What a tick's input is after its checkpoint. `held` is what a human has to decide on. */
export type JudgedInput = {
  readonly texts: string[];
  readonly image: Uint8Array | null;
  readonly held: string[];
  readonly decided: Decided[];
};

type Moment = { readonly tick: number; readonly policy: TickPolicy; readonly level: Level };

/** Takes what detectors say of something that waits. False when nothing waits under this number. */
export function takeSeen(input: InputCheckpoint, scan: number, seen: Seen): boolean {
  const waiting = input.waiting.find((each) => each.scan === scan);
  if (waiting !== undefined) waiting.seen = seen;
  return waiting !== undefined;
}

/** What may enter the tick now, in order. What waits for detectors longer than it may is refused, as policy that can't be asked always is. */
export function judgeInput(input: InputCheckpoint, moment: Moment): JudgedInput {
  const judged: JudgedInput & { image: Uint8Array | null } = { texts: input.approved.splice(0), image: null, held: [], decided: [] };
  while (input.waiting[0] !== undefined) {
    const [head] = input.waiting;
    if (head.seen === null && moment.tick - head.since <= MOST_WAIT) break;
    input.waiting.shift();
    enter(head, moment, judged);
  }
  return judged;
}

function enter(head: WaitingInput, { tick, policy, level }: Moment, judged: JudgedInput & { image: Uint8Array | null }): void {
  const bare: Signals = { ...NO_SIGNALS, hasText: head.what === 'text', hasImage: head.what === 'image' };
  const signals = head.seen === null ? bare : joinSignals(bare, head.seen.signals);
  const asked = policy.input(signals, level);
  const late = ['the detectors did not answer in time'];
  const decision = head.seen === null ? { ...asked, verdict: 'deny' as const, errors: [...asked.errors, ...late] } : asked;
  if (decision.verdict !== 'allow') judged.decided.push({ checkpoint: 'tick.input', tick, level, signals, decision });
  switch (decision.verdict) {
    case 'allow':
      if (head.what === 'text') judged.texts.push(head.text);
      else judged.image = head.jpeg;
      return;
    case 'redact':
      // There is no masking a picture: it is left out whole.
      if (head.what === 'text') judged.texts.push(maskedInput(head.text, head.seen));
      return;
    case 'hold':
      if (head.what === 'text') judged.held.push(head.text);
      return;
    case 'deny':
      return;
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
