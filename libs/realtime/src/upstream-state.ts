import type { Heard } from '@wheelhouse/protocol/engine-tick';
import type { EngineConfig, ToolCall } from '@wheelhouse/protocol/tool-call';
import { eventIdFor, type UpstreamClientEvent, type UpstreamItem, type UpstreamPurpose } from './upstream-client-events.ts';
import { type History, remember } from './upstream-history.ts';
import { fullMeter, type Meter } from './upstream-meter.ts';
import type { SpokenItem } from './upstream-sound.ts';

// Time is counted in ticks of 200 ms, as many as the stream was given.

/** Where the connection stands. `since`: the tick in which it came there. */
export type UpstreamLink =
  /** A connection is opened in tick `until`. */
  | { readonly phase: 'away'; readonly until: number }
  | { readonly phase: 'connecting'; readonly since: number }
  /** `session.created` is awaited. */
  | { readonly phase: 'greeting'; readonly since: number }
  /** `session.updated` is awaited. */
  | { readonly phase: 'configuring'; readonly since: number }
  | { readonly phase: 'ready'; readonly since: number };

/** A function call that was announced and whose arguments are not complete. */
export type OpenCall = { readonly item: string; readonly call: string | null; readonly name: string | null };

/** A response that may be handed out. The first of them is played; the last may still be coming in. */
export type UpstreamResponse = {
  readonly id: string;
  /** The last tick in which something of it came. */
  readonly lastEvent: number;
  /** The upstream has said that it is over. */
  readonly isDone: boolean;
  readonly items: readonly SpokenItem[];
  readonly calls: readonly OpenCall[];
};

/** A response that was cut off and that the upstream has not ended yet. */
export type EndingResponse = {
  readonly id: string;
  readonly since: number;
  readonly isCancelled: boolean;
  /** Items of it of which nothing was heard: they leave the upstream's history once it is over. */
  readonly unheard: readonly string[];
};

/** What was played of the turn that was last cut off, in samples at 24 kHz: the client may know better how much of it was heard. */
export type CutItem = { readonly id: string; readonly played: number; readonly told: string };

/** Something that the person says. */
export type Utterance = { readonly item: string; readonly number: number; readonly text: string; readonly isFinal: boolean };

/** One conversation with an upstream. It belongs to whoever folds it; every function of `upstream-conversation.ts` returns a new one. */
export type UpstreamState = {
  /** Ticks so far. */
  readonly now: number;
  readonly link: UpstreamLink;
  /** Connections in a row that came to nothing. */
  readonly failures: number;
  /** Spreads the attempts of sessions that lost their connection together. */
  readonly seed: number;
  /** The operator knows that the upstream is away. */
  readonly isAwayTold: boolean;
  /** The model that writes down what the person says; null asks for none. */
  readonly transcription: string | null;
  readonly config: EngineConfig | null;
  readonly hasSpoken: boolean;
  readonly history: History;
  /** Audio for an upstream that is not ready, oldest first. */
  readonly waiting: readonly string[];
  /** A response is to be asked for as soon as none is under way. */
  readonly isAsked: boolean;
  /** Times in a row that the upstream would not begin one. */
  readonly refusals: number;
  /** Responses asked for that the upstream has not begun, and the tick in which the last was asked for. */
  readonly owed: number;
  readonly askedAt: number;
  /** Until this tick the upstream may begin a response by itself to what the person has just said. */
  readonly answersUntil: number;
  /** Responses asked for before a cut: they are refused when they come. */
  readonly doomed: { readonly count: number; readonly until: number };
  readonly responses: readonly UpstreamResponse[];
  readonly ending: readonly EndingResponse[];
  /** Ids of responses that are over, newest last. */
  readonly over: readonly string[];
  readonly lastCut: readonly CutItem[];
  readonly voices: number;
  readonly isSpeaking: boolean;
  readonly utterances: readonly Utterance[];
  readonly utteranceCount: number;
  /** What the next answer tells. */
  readonly heard: readonly Heard[];
  readonly calls: readonly (ToolCall & { readonly item: string; readonly response: string })[];
  readonly isYielding: boolean;
  readonly isTurnOver: boolean;
  readonly meter: Meter;
  readonly eventCount: number;
  /** When the operator was last told of each kind of trouble, and how often it came since. */
  readonly troubles: Readonly<Record<string, { readonly at: number; readonly more: number }>>;
};

/** What the socket is to do besides sending: `open` a connection, `drop` the one there is. */
export type LinkAct = 'open' | 'drop' | null;

/** One step of the conversation while it is worked out. */
export type UpstreamDraft = {
  state: UpstreamState;
  readonly send: UpstreamClientEvent[];
  readonly troubles: string[];
  link: LinkAct;
};

/** The beginning: a connection is opened in the first tick. */
export function initialUpstream(parts: {
  readonly seed: number;
  readonly transcription: string | null;
  readonly history?: History;
  readonly config?: EngineConfig | null;
}): UpstreamState {
  return {
    now: 0,
    link: { phase: 'away', until: 0 },
    failures: 0,
    seed: parts.seed,
    isAwayTold: false,
    transcription: parts.transcription,
    config: parts.config ?? null,
    hasSpoken: false,
    history: parts.history ?? [],
    waiting: [],
    isAsked: false,
    refusals: 0,
    owed: 0,
    askedAt: 0,
    answersUntil: -1,
    doomed: { count: 0, until: -1 },
    responses: [],
    ending: [],
    over: [],
    lastCut: [],
    voices: 0,
    isSpeaking: false,
    utterances: [],
    utteranceCount: 0,
    heard: [],
    calls: [],
    isYielding: false,
    isTurnOver: false,
    meter: fullMeter,
    eventCount: 0,
    troubles: {},
  };
}

export const draftOf = (state: UpstreamState): UpstreamDraft => ({ state, send: [], troubles: [], link: null });

export function change(draft: UpstreamDraft, part: Partial<UpstreamState>): void {
  draft.state = { ...draft.state, ...part };
}

type Unnumbered<E> = E extends { readonly event_id: string } ? Omit<E, 'event_id'> : never;

/** Sends an event under an id that says what it is for. Only a connection that stands is sent anything; what has to last is in the history. */
export function say(draft: UpstreamDraft, purpose: UpstreamPurpose, event: Unnumbered<UpstreamClientEvent>): void {
  const number = draft.state.eventCount;
  change(draft, { eventCount: number + 1 });
  draft.send.push({ ...event, event_id: eventIdFor(purpose, number) });
}

export const isReady = ({ link }: UpstreamState): boolean => link.phase === 'ready';

/** An item of the conversation: kept for later connections, and said to the one that stands. */
export function addItem(draft: UpstreamDraft, item: UpstreamItem): void {
  change(draft, { history: remember(draft.state.history, { key: '', item }) });
  if (isReady(draft.state)) say(draft, 'item', { type: 'conversation.item.create', item });
}

/** Ticks between two reports of the same kind of trouble. */
const TROUBLE_EVERY = 50;

/** Tells the operator, at most every ten seconds for each kind; what was not told is counted. */
export function trouble(draft: UpstreamDraft, kind: string, words: string): void {
  const { now, troubles } = draft.state;
  const before = troubles[kind];
  if (before !== undefined && now - before.at < TROUBLE_EVERY) {
    change(draft, { troubles: { ...troubles, [kind]: { ...before, more: before.more + 1 } } });
    return;
  }
  const more = before === undefined || before.more === 0 ? '' : ` (and ${before.more} more like it since)`;
  change(draft, { troubles: { ...troubles, [kind]: { at: now, more: 0 } } });
  draft.troubles.push(`upstream: ${words}${more}`);
}
