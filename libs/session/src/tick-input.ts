import { levelOf } from '@wheelhouse/gate/gate-word';
import { utf8 } from '@wheelhouse/ledger/bytes';
import type { TickExtra, TickInput } from '@wheelhouse/protocol/engine-tick';
import type { IntakeRefusal } from './inbox.ts';
import { dropRespond, judgeInput, judgeSound } from './input-checkpoint.ts';
import { type InputWords, wordsOf } from './input-part.ts';
import { joinExtra, wholeExtra } from './tick-extra.ts';
import { note } from './tick-output.ts';
import { stricter } from './tick-policy.ts';
import type { SessionTicks, TickOutcome, Way } from './tick-state.ts';

/** Louder than this is loud, in thousandths of full scale; below the other it is silence. */
const LOUD = 500;
const SILENT = 5;
/** What waits for its checkpoint at the same time; a client that sends more is told so. */
const MOST_WAITING = 128;
/** Of these, pictures, which are large and slow to judge: what a client that films at ten a second sends in longer than the checkpoint waits. */
const MOST_PICTURES = 32;

/** Why no more words or pictures are taken now; null when there is room. Asked before they are. */
export function crowded({ input }: SessionTicks, what: 'text' | 'image'): IntakeRefusal | null {
  if (what === 'image' && input.waiting.filter((each) => each.what === 'image').length >= MOST_PICTURES)
    return {
      code: 'bad_image',
      message: `More than ${MOST_PICTURES} pictures wait for the engine; this one was dropped. Send fewer a second.`,
    };
  if (input.waiting.length < MOST_WAITING) return null;
  const message = `More than ${MOST_WAITING} things wait for the engine; this was dropped. Send less at once.`;
  return { code: what === 'image' ? 'bad_image' : 'bad_text', message };
}

/**
 * What was typed and shown since the last call goes to the detectors, and waits for them. Called when something arrived, so that they have answered by the
 * next tick more often than not.
 */
export function receiveInput(state: SessionTicks, way: Way): void {
  for (const text of state.inbox.texts.splice(0)) waitWords(state, { part: { as: 'typed' }, text }, way);
  for (const jpeg of state.inbox.images.splice(0)) {
    const since = state.nextTick;
    const scan = asked(state, way.scan({ way: 'in', tick: since, text: '', audio: null, image: jpeg.slice() }));
    state.input.waiting.push({ what: 'image', jpeg, since, scan, seen: null });
    state.arrived.push(jpeg);
  }
}

/**
 * What a client sends besides: its words (instructions, what tools brought, what it says was said) wait for the detectors as typed words do, and an answer
 * that is asked for waits its turn behind them. What silences the engine does not wait. Null when it is in; nothing is kept of what is refused.
 */
export function receiveExtra(state: SessionTicks, part: Partial<TickExtra>, way: Way): IntakeRefusal | null {
  const { words, rest } = wordsOf(part);
  if (state.input.waiting.length + words.length > MOST_WAITING)
    return { code: 'bad_event', message: `More than ${MOST_WAITING} things wait for the engine; this was dropped. Send less at once.` };
  if (rest.hush === true) dropRespond(state.input);
  if (Object.keys(rest).length > 0) state.extra = joinExtra(state.extra, rest);
  for (const each of words) waitWords(state, each, way);
  return null;
}

function waitWords(state: SessionTicks, words: InputWords, way: Way): void {
  const { part, text } = words;
  if (text === '') {
    state.input.waiting.push({ what: 'wordless', part });
    return;
  }
  const since = state.nextTick;
  const scan = asked(state, way.scan({ way: 'in', tick: since, text, audio: null, image: null }));
  state.input.waiting.push({ what: 'text', words, since, scan, seen: null });
  state.arrived.push(utf8(text));
}

function asked(state: SessionTicks, scan: number): number {
  state.scans.set(scan, { of: 'typed', tick: state.nextTick });
  return scan;
}

/** The input checkpoint: what of what arrived may reach the engine in the tick that opens. */
export function inputOf(state: SessionTicks, at: { tick: number; samples: number }, outcome: TickOutcome): TickInput {
  const { tick, samples } = at;
  const moment = { tick, policy: state.policy, level: levelOf(state.gate.word) };
  const judged = judgeInput(state.input, moment);
  const silent = samples === 0 ? null : judgeSound(state.input, soundOf(state.levelIn), moment);
  if (silent !== null) state.audio.fill(0);
  for (const decided of [...judged.decided, ...(silent === null ? [] : [silent])]) {
    if (state.record !== null) state.record.inputVerdict = stricter(state.record.inputVerdict, decided.decision.verdict);
    note(state, decided, outcome);
  }
  if (judged.decided.length === 0 && silent === null) state.told.delete('tick.input');
  outcome.shown.push(...judged.shown);
  for (const words of judged.held) outcome.asks.push({ what: 'input', ...words });
  const extra = judged.extra === null ? state.extra : joinExtra(state.extra, judged.extra);
  state.extra = null;
  return {
    ...{ tick, audio: state.audio, texts: judged.texts, whispers: state.whispers.splice(0) },
    ...(judged.image === null ? {} : { image: judged.image }),
    ...(extra === null ? {} : { extra: wholeExtra(extra) }),
  };
}

export function soundOf(level: number): { speech: boolean; loudness: 'silent' | 'normal' | 'loud' } {
  return { speech: false, loudness: level >= LOUD ? 'loud' : level <= SILENT ? 'silent' : 'normal' };
}
