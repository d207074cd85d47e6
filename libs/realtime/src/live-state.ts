import type { LatchKind } from '@wheelhouse/protocol/order';
import { TICK_MS } from '@wheelhouse/protocol/tick';
import type { EngineConfig, ToolResult } from '@wheelhouse/protocol/tool-call';
import type { TickExtra } from '@wheelhouse/protocol/engine-tick';
import type { LiveAudioFormat, LiveFunctionTool, LiveHistoryItem, LiveVoice } from './live-client-session.ts';
import type { LiveFault } from './live-client-events.ts';
import type { LiveServerEvent, LiveSessionResource, NamedLiveEvent } from './live-server-events.ts';

/** A session ends by itself after this long: a day. */
export const LONGEST_SECONDS = 24 * 60 * 60;

export type CloseReason = Extract<LiveServerEvent, { type: 'session.closed' }>['reason'];

/** What the client asked of the session, as it is in force. */
export type LiveSettings = {
  readonly format: LiveAudioFormat;
  readonly voice: LiveVoice | null;
  readonly instructions: string;
  readonly history: readonly LiveHistoryItem[];
  /** Null: the client carries out what is delegated, and offers no functions. */
  readonly functions: { readonly model: string; readonly toolChoice: 'auto' | 'none'; readonly tools: readonly LiveFunctionTool[] } | null;
};

/** A function that the engine called and whose result has not been given. */
export type OpenCall = { readonly call: string; readonly delegation: string };

/** One Live session on its primary connection. It belongs to whoever folds it; every function of `live-conversation.ts` returns a new one. */
export type LiveState = {
  readonly id: string;
  readonly model: string;
  /** Unix time in seconds. */
  readonly startedAt: number;
  readonly expiresAt: number;
  readonly settings: LiveSettings;
  /** Instructions and silent context that were appended, oldest first. */
  readonly appended: readonly string[];
  /** The client's own mute of its sound; no order. */
  readonly muted: boolean;
  /** The tick at which the session began, and the one that runs. */
  readonly firstTick: number;
  readonly tick: number;
  /** Whether the transcript of a direction has begun: fragments after the first are set off by a space. */
  readonly spoke: boolean;
  readonly heard: boolean;
  /** Where utterances that are not understood to the end yet began, by their number. */
  readonly began: ReadonlyMap<number, number>;
  readonly calls: readonly OpenCall[];
  /** Results that wait for `response.create`. */
  readonly results: readonly ToolResult[];
  readonly latched: readonly LatchKind[];
  /** Why it closes, once that is known before it is over. */
  readonly closing: { readonly reason: CloseReason; readonly clientEvent: string | null } | null;
  /** `session.closed` was sent: nothing comes after it. */
  readonly closed: boolean;
};

/** What the session is asked to do, in this order. */
export type LiveEffect =
  /** Sound of the person's, in the session's format. */
  | { readonly type: 'audio'; readonly bytes: Uint8Array }
  /** Sound that waits to be heard is dropped. */
  | { readonly type: 'drop_audio' }
  /** For the engine, as something typed. `accepted` is sent once it is in; where it is refused, the client is told instead. */
  | { readonly type: 'text'; readonly text: string; readonly accepted: LiveServerEvent; readonly clientEvent: string | null }
  | { readonly type: 'extra'; readonly extra: Partial<TickExtra> }
  /** What the engine said and the client may not have played is void: converters forget it. */
  | { readonly type: 'flush' }
  /** Something the client sent can't be had; the session counts it, and has it told. */
  | { readonly type: 'refuse'; readonly fault: LiveFault }
  | { readonly type: 'end'; readonly reason: string };

/** Makes an id that was never there before. */
export type NewLiveId = (kind: 'event' | 'deleg' | 'resp' | 'fc') => string;

/** One step of the conversation while it is worked out. */
export type LiveDraft = {
  state: LiveState;
  readonly out: LiveServerEvent[];
  readonly effects: LiveEffect[];
  readonly newId: NewLiveId;
};

type Nameless<E> = E extends unknown ? Omit<E, 'event_id' | 'client_event_id'> : never;
/** An event before it is given its id, and the id of what it answers. */
export type NewLiveEvent = Nameless<NamedLiveEvent>;

export function refuseLive(draft: LiveDraft, fault: LiveFault): void {
  draft.effects.push({ type: 'refuse', fault });
}

/** Sends an event; `clientEvent`: the client's own id of the event that it answers. */
export function emitLive(draft: LiveDraft, event: NewLiveEvent, clientEvent: string | null = null): void {
  draft.out.push(nameLive(draft, event, clientEvent));
}

export function nameLive({ newId }: Pick<LiveDraft, 'newId'>, event: NewLiveEvent, clientEvent: string | null): LiveServerEvent {
  const named = { ...event, event_id: newId('event') };
  return clientEvent === null ? named : { ...named, client_event_id: clientEvent };
}

export function changeLive(draft: LiveDraft, part: Partial<LiveState>): void {
  draft.state = { ...draft.state, ...part };
}

/** What the session asks of the engine, whole. */
export function engineConfigOf({ settings, appended }: LiveState): EngineConfig {
  const { voice, functions, instructions } = settings;
  return {
    instructions: [instructions, ...appended].filter((text) => text !== '').join('\n\n'),
    voice: voice === null ? '' : typeof voice === 'string' ? voice : voice.id,
    tools:
      functions === null || functions.toolChoice === 'none'
        ? []
        : functions.tools.map(({ name, description, parameters }) => ({
            name,
            description: description ?? '',
            parameters: parameters ?? {},
          })),
    answers: true,
  };
}

/** Milliseconds of the session's clock at the beginning of a tick. */
export function clockOf(state: Pick<LiveState, 'firstTick'>, tick: number): number {
  return Math.max(0, tick - state.firstTick) * TICK_MS;
}

/** Seconds of sound so far: the session's clock, which runs whether anybody speaks or not. */
export function usageOf(state: LiveState): { readonly seconds: number } {
  return { seconds: clockOf(state, state.tick) / 1000 };
}

/** The session as it is told to its client. */
export function resourceOf({ id, model, expiresAt, settings }: LiveState): LiveSessionResource {
  const { format, voice, instructions, history, functions } = settings;
  return {
    id,
    expires_at: expiresAt,
    model,
    status: 'active',
    audio: voice === null ? { format } : { format, output: { voice } },
    delegation:
      functions === null
        ? { type: 'client' }
        : { type: 'responses', responses: { model: functions.model, tool_choice: functions.toolChoice, tools: [...functions.tools] } },
    ...(history.length === 0 ? {} : { input: [...history] }),
    instructions,
    store: false,
    triggers: [],
  };
}
