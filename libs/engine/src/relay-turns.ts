import { type Ear, hearWindow, initialEar } from './ear.ts';
import { SAMPLE_RATE, TICK_SAMPLES } from '@wheelhouse/protocol/tick';
import type { AnswerExtra, Heard, SpokenWord, TickAnswer, TickExtra } from '@wheelhouse/protocol/engine-tick';
import type { ToolCall } from '@wheelhouse/protocol/tool-call';
import { type RecentSound, addSound, cutSound, noSound } from './recent-sound.ts';
import { wordsBetween } from './relay-words.ts';
import { MOST_SPOKEN_CHARACTERS, type Speech } from './speaking.ts';

const WINDOW = 512;
/** Sound before the first voiced window that goes along to hearing: soft first consonants lie there. */
const PRE_ROLL = (SAMPLE_RATE * 3) / 10;
/** Sound after the last voiced window that goes along. */
const POST_ROLL = SAMPLE_RATE / 5;
/** Between two partial transcripts, 608 ms. */
const PARTIAL_WINDOWS = 19;
/** Remarks that may wait to be repeated; older ones are forgotten. */
const MOST_UNSPOKEN = 16;
const MOST_PREFACE = 200;

/** Something to repeat: spoken, typed, or what a tool brought. */
export type Remark = { readonly by: 'voice' | 'text' | 'tool'; readonly text: string };

type Reply = { readonly remarks: readonly Remark[]; readonly preface: string | null };
type Mouth =
  | { readonly phase: 'silent' }
  | { readonly phase: 'composing'; readonly reply: Reply; readonly number: number }
  | { readonly phase: 'speaking'; readonly reply: Reply; readonly speech: Speech; readonly at: number };

/** One relay conversation. It belongs to whoever folds it; every function here returns a new one. */
export type RelayState = {
  readonly ear: Ear;
  readonly windows: number;
  readonly sound: RecentSound;
  /** Number of the utterance that is being heard, or that comes next. */
  readonly utterance: number;
  /** True while a partial transcript is being made. */
  readonly isAsking: boolean;
  /** Final transcripts that are being made: what they bring belongs into the next reply. */
  readonly awaited: number;
  readonly lastAsked: number;
  readonly shownPartial: boolean;
  readonly unspoken: readonly Remark[];
  readonly preface: string | null;
  readonly mouth: Mouth;
  readonly replies: number;
  /** What the next answer tells. */
  readonly heard: readonly Heard[];
  /** Names of the tools that the client offers. */
  readonly tools: readonly string[];
  readonly calls: readonly ToolCall[];
  readonly callCount: number;
  /** Whether it replies by itself; if not, only once asked to. */
  readonly answers: boolean;
  readonly isAsked: boolean;
};

/** What the world must do: transcribe audio (which is given away) or synthesise text. */
export type RelayEffect =
  | { readonly type: 'transcribe'; readonly utterance: number; readonly final: boolean; readonly audio: Int16Array<ArrayBuffer> }
  | { readonly type: 'synthesise'; readonly reply: number; readonly text: string };

/** A tick as the turns need it: `windows` are the probabilities of speech in the windows that this audio completed. `audio` is kept. */
export type RelayTick = {
  readonly tick: number;
  readonly audio: Int16Array;
  readonly windows: readonly number[];
  readonly texts: readonly string[];
  readonly whispers: readonly string[];
  readonly extra?: TickExtra;
  readonly isHearingIdle: boolean;
};

export type RelayStep = { readonly state: RelayState; readonly effects: readonly RelayEffect[] };

export const initialRelay: RelayState = {
  ear: initialEar,
  windows: 0,
  sound: noSound,
  utterance: 0,
  isAsking: false,
  awaited: 0,
  lastAsked: 0,
  shownPartial: false,
  unspoken: [],
  preface: null,
  mouth: { phase: 'silent' },
  replies: 0,
  heard: [],
  tools: [],
  calls: [],
  callCount: 0,
  answers: true,
  isAsked: false,
};

const isTalkedOver = (ear: Ear): boolean => ear.phase === 'hearing' && ear.confirmed;

function remember(state: RelayState, remarks: readonly Remark[]): RelayState {
  const worth = remarks.filter((remark) => remark.text.trim() !== '');
  return worth.length === 0 ? state : { ...state, unspoken: [...state.unspoken, ...worth].slice(-MOST_UNSPOKEN) };
}

/** The person has the floor. What was not begun is kept for the next reply; what was begun is dropped, and its rest is never said. */
function yieldFloor(state: RelayState): { state: RelayState; yielded: boolean } {
  const { mouth } = state;
  if (mouth.phase === 'silent') return { state, yielded: false };
  const silent: RelayState = { ...state, mouth: { phase: 'silent' } };
  if (mouth.phase === 'speaking' && mouth.at > 0) return { state: silent, yielded: true };
  const { remarks, preface } = mouth.reply;
  return {
    state: { ...silent, unspoken: [...remarks, ...state.unspoken].slice(-MOST_UNSPOKEN), preface: state.preface ?? preface },
    yielded: false,
  };
}

function transcript(state: RelayState, ear: Extract<Ear, { phase: 'hearing' }>, final: boolean): RelayEffect {
  // Not to the end of the sound: after a long silence Moonshine tends to hear nothing at all.
  return {
    type: 'transcribe',
    utterance: state.utterance,
    final,
    audio: cutSound(state.sound, ear.from * WINDOW - PRE_ROLL, ear.until * WINDOW + POST_ROLL),
  };
}

/** Goes through the windows of one tick. */
function listen(before: RelayState, windows: readonly number[]): RelayStep & { yielded: boolean } {
  let state = before;
  let yielded = false;
  const effects: RelayEffect[] = [];
  for (const probability of windows) {
    const was = state.ear;
    const { ear, event } = hearWindow(was, state.windows, probability);
    state = { ...state, ear, windows: state.windows + 1 };
    if (event === 'confirmed') {
      const left = yieldFloor(state);
      state = { ...left.state, lastAsked: ear.phase === 'hearing' ? ear.from : state.windows };
      yielded ||= left.yielded;
    }
    if (event === 'ended' && was.phase === 'hearing') {
      effects.push(transcript(state, was, true));
      state = { ...state, utterance: state.utterance + 1, isAsking: false, awaited: state.awaited + 1 };
    }
  }
  return { state, effects, yielded };
}

/** Asks for a partial transcript when it is time and nobody else needs hearing: finals of all sessions come first. */
function askPartial(state: RelayState, isHearingIdle: boolean): RelayStep {
  const { ear } = state;
  const due = state.windows - state.lastAsked >= PARTIAL_WINDOWS;
  if (ear.phase !== 'hearing' || !ear.confirmed || state.isAsking || !isHearingIdle || !due) return { state, effects: [] };
  return { state: { ...state, isAsking: true, lastAsked: state.windows }, effects: [transcript(state, ear, false)] };
}

function wording({ remarks, preface }: Reply): string {
  const text = (some: readonly Remark[]): string => some.map((remark) => remark.text.trim()).join(' ');
  if (preface !== null) return `${preface}: ${text(remarks)}`;
  const spoken = remarks.filter((remark) => remark.by === 'voice');
  const typed = remarks.filter((remark) => remark.by === 'text');
  const brought = remarks.filter((remark) => remark.by === 'tool');
  const parts = [
    spoken.length > 0 ? `You said: ${text(spoken)}` : '',
    typed.length > 0 ? `You wrote: ${text(typed)}` : '',
    brought.length > 0 ? `The tool answered: ${text(brought)}` : '',
  ];
  return parts.filter((part) => part !== '').join(' ');
}

/** Begins a reply to all that waits, once the person is quiet and understood. */
function compose(state: RelayState): RelayStep {
  const isFree = state.mouth.phase === 'silent' && state.ear.phase === 'quiet' && state.awaited === 0;
  if (!isFree || state.unspoken.length === 0 || !(state.answers || state.isAsked)) return { state, effects: [] };
  const reply: Reply = { remarks: state.unspoken, preface: state.preface };
  const number = state.replies;
  return {
    state: { ...state, unspoken: [], preface: null, isAsked: false, replies: number + 1, mouth: { phase: 'composing', reply, number } },
    effects: [{ type: 'synthesise', reply: number, text: wording(reply).slice(0, MOST_SPOKEN_CHARACTERS) }],
  };
}

/** This tick's share of the speech. A reply begins only while the person is quiet; one that has begun goes on through a noise. */
function utter(state: RelayState): { state: RelayState; audio: Int16Array | null; said: string; words: SpokenWord[] } {
  const { mouth } = state;
  if (mouth.phase !== 'speaking' || (mouth.at === 0 && state.ear.phase !== 'quiet')) return { state, audio: null, said: '', words: [] };
  const { speech, at } = mouth;
  const to = Math.min(at + TICK_SAMPLES, speech.audio.length);
  const next: Mouth = to >= speech.audio.length ? { phase: 'silent' } : { ...mouth, at: to };
  return { state: { ...state, mouth: next }, audio: speech.audio.subarray(at, to), ...wordsBetween(speech, at, to) };
}

function keepFrom({ ear, sound }: RelayState): number {
  return (ear.phase === 'hearing' ? ear.from * WINDOW : sound.end - 3 * WINDOW) - PRE_ROLL;
}

/** What does not come with every tick. `yielded`: it was told to be silent while it spoke. */
function takeExtra(before: RelayState, extra: TickExtra | undefined): { state: RelayState; yielded: boolean } {
  if (extra === undefined) return { state: before, yielded: false };
  const { config, results, hush, respond } = extra;
  const yielded = hush && before.mouth.phase === 'speaking';
  const silent: RelayState = hush ? { ...before, mouth: { phase: 'silent' }, unspoken: [], preface: null } : before;
  const set = config === undefined ? {} : { tools: config.tools.map(({ name }) => name), answers: config.answers };
  const state: RelayState = { ...silent, ...set, isAsked: silent.isAsked || respond || results.length > 0 };
  return {
    state: remember(
      state,
      results.map(({ output }) => ({ by: 'tool', text: output })),
    ),
    yielded,
  };
}

function rememberTyped(state: RelayState, texts: readonly string[]): RelayState {
  return remember(
    state,
    texts.map((text) => ({ by: 'text', text })),
  );
}

function takeTyped(state: RelayState, text: string): RelayState {
  return callIn(state, text) ?? rememberTyped(state, [text]);
}

/** `call search {"q":"tea"}`, typed or said, asks for that tool where the client offers it: for trying what stands between an engine and its tools. */
function callIn(state: RelayState, text: string): RelayState | null {
  const [, said, given = '{}'] = /^\s*call\s+([\w.-]+)[.!]?\s*(\{.*\})?\s*$/is.exec(text) ?? [];
  const name = state.tools.find((tool) => tool.toLowerCase() === said?.replace(/\.$/, '').toLowerCase());
  if (name === undefined) return null;
  const call: ToolCall = { call: `call_${state.callCount}`, name, arguments: given };
  return { ...state, calls: [...state.calls, call], callCount: state.callCount + 1 };
}

function extraOf(calls: readonly ToolCall[], turnEnded: boolean, words: SpokenWord[]): AnswerExtra | null {
  const none = calls.length === 0 && !turnEnded && words.length === 0;
  return none ? null : { calls: [...calls], turnEnded, ...(words.length === 0 ? {} : { words }) };
}

/** One tick: listens, yields if the person talks over, says its share, and asks for what it needs. Pure. */
export function takeTick(before: RelayState, tick: RelayTick): RelayStep & { readonly answer: TickAnswer } {
  const sounded = { ...before, sound: addSound(before.sound, tick.audio, keepFrom(before)) };
  const listened = listen(sounded, tick.windows);
  const told = takeExtra(listened.state, tick.extra);
  const typed = told.state.tools.length === 0 ? rememberTyped(told.state, tick.texts) : tick.texts.reduce(takeTyped, told.state);
  const whisper = tick.whispers.findLast((text) => text.trim() !== '');
  const guided = whisper === undefined ? typed : { ...typed, preface: whisper.trim().slice(0, MOST_PREFACE) };
  const uttered = utter(guided);
  const asked = askPartial(uttered.state, tick.isHearingIdle);
  const composed = compose(asked.state);
  const turnEnded = guided.mouth.phase === 'speaking' && uttered.state.mouth.phase === 'silent';
  const extra = extraOf(composed.state.calls, turnEnded || told.yielded || listened.yielded, uttered.words);
  const answer = {
    ...{ tick: tick.tick, audio: uttered.audio, said: uttered.said, heard: composed.state.heard },
    yielded: listened.yielded || told.yielded,
    ...(extra === null ? {} : { extra }),
  };
  return {
    state: { ...composed.state, heard: [], calls: [] },
    effects: [...listened.effects, ...asked.effects, ...composed.effects],
    answer,
  };
}

/** A transcript came: '' when there are no words, or hearing failed. One of an utterance that has since ended is only news if it is final. Pure. */
export function takeTranscript(state: RelayState, heard: Heard): RelayStep {
  if (!heard.final) {
    if (heard.utterance !== state.utterance || !isTalkedOver(state.ear)) return { state, effects: [] };
    const isNews = heard.text !== '';
    return {
      state: {
        ...state,
        isAsking: false,
        shownPartial: state.shownPartial || isNews,
        heard: isNews ? [...state.heard, heard] : state.heard,
      },
      effects: [],
    };
  }
  // A partial that was shown must end in a final, even an empty one: it takes the words back.
  const isNews = heard.text !== '' || state.shownPartial;
  const told: RelayState = {
    ...state,
    awaited: state.awaited - 1,
    shownPartial: false,
    heard: isNews ? [...state.heard, heard] : state.heard,
  };
  const call = callIn(told, heard.text);
  return compose(call ?? remember(told, [{ by: 'voice', text: heard.text }]));
}

/** Speech for reply number `reply` came, or null when speaking failed, which drops the reply. Ignored when the reply was given up meanwhile. Pure. */
export function takeSpeech(state: RelayState, reply: number, speech: Speech | null): RelayStep {
  const { mouth } = state;
  if (mouth.phase !== 'composing' || mouth.number !== reply) return { state, effects: [] };
  if (speech === null || speech.audio.length === 0) return compose({ ...state, mouth: { phase: 'silent' } });
  return { state: { ...state, mouth: { phase: 'speaking', reply: mouth.reply, speech, at: 0 } }, effects: [] };
}
