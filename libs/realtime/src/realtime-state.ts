import type { EngineConfig, ToolResult } from '@wheelhouse/protocol/tool-call';
import type { LatchKind } from '@wheelhouse/protocol/order';
import type { AudioFormat, FunctionTool, TurnDetection } from './realtime-client-session.ts';
import type { NewServerEvent, RealtimeItem, RealtimeServerEvent } from './realtime-server-events.ts';

/** What the client asked of the session, as it is in force. */
export type RealtimeSettings = {
  readonly instructions: string;
  readonly modality: 'audio' | 'text';
  readonly inputFormat: AudioFormat;
  readonly outputFormat: AudioFormat;
  readonly voice: string;
  /** Whether the client wants to be told what was understood of the person's speech. */
  readonly transcription: boolean;
  readonly turnDetection: TurnDetection | null;
  readonly tools: readonly FunctionTool[];
  readonly toolChoice: 'auto' | 'none';
};

/** Words that began at `at` milliseconds of their item's audio. */
export type SpokenPart = { readonly at: number; readonly text: string };

/** The message that is being said. */
export type Speech = {
  readonly item: string;
  readonly index: number;
  readonly previous: string | null;
  readonly parts: readonly SpokenPart[];
  /** Milliseconds of audio sent. */
  readonly audioMs: number;
};

/** Who is heard: the engine, the human in its place, or the gate itself, which speaks when it has cut the engine off. */
export type Speaker = 'engine' | 'human' | 'gate';

/** The response that is under way. */
export type ActiveResponse = {
  readonly id: string;
  readonly source: Speaker;
  readonly modality: 'audio' | 'text';
  readonly format: AudioFormat;
  readonly voice: string;
  readonly metadata: Readonly<Record<string, string>> | null;
  /** Function calls that it brought. */
  readonly outputs: readonly RealtimeItem[];
  readonly speech: Speech | null;
  /** Ticks in a row that brought nothing. */
  readonly idle: number;
  /** It has settings of its own; the session's come back when it is over. */
  readonly overrides: boolean;
};

/** Something that the person says or said: one item of the conversation. */
export type UserTurn = {
  readonly item: string;
  readonly heard: readonly { readonly utterance: number; readonly text: string; readonly final: boolean }[];
  /** Whether the client was told that speech began. */
  readonly announced: boolean;
  /** The transcript as its deltas told it. */
  readonly shown: string;
  readonly startMs: number;
  readonly endMs: number;
  /** Ticks that its transcript has been waited for. */
  readonly waited: number;
};

export type ConversationEntry = {
  readonly item: RealtimeItem;
  /** Words of a spoken message and where they lie; null for every other item. */
  readonly spoken: { readonly parts: readonly SpokenPart[]; readonly audioMs: number } | null;
};

/** One connection's conversation. It belongs to whoever folds it; every function of `realtime-conversation.ts` returns a new one. */
export type RealtimeState = {
  readonly id: string;
  readonly model: string;
  readonly settings: RealtimeSettings;
  /** Oldest first, bounded; what is under way is not in it yet. */
  readonly entries: readonly ConversationEntry[];
  /** The last item of the conversation, also one that is under way. */
  readonly lastItem: string | null;
  readonly lastResponse: string | null;
  readonly response: ActiveResponse | null;
  /** What was said since the last commit, if anything. */
  readonly turn: UserTurn | null;
  /** What was committed and whose transcript is not complete yet. */
  readonly closing: UserTurn | null;
  /** Texts and results that wait for `response.create`, or for the person to speak. */
  readonly pending: readonly PendingInput[];
  /** Calls that the client was asked to carry out and has not answered. */
  readonly calls: readonly string[];
  /** Milliseconds of audio that the client has sent, and how much of it when it last committed or cleared. */
  readonly appendedMs: number;
  readonly committedMs: number;
  /** After a cancel: nothing of the old answer is passed on until the engine has fallen silent. */
  readonly fenced: boolean;
  readonly latched: readonly LatchKind[];
  /** Whether the engine brought anything to hear in this tick. */
  readonly brought: boolean;
};

export type PendingInput =
  | { readonly type: 'text'; readonly item: string; readonly texts: readonly string[]; readonly image: Uint8Array | null }
  | { readonly type: 'result'; readonly item: string; readonly result: ToolResult };

/** What the conversation asks of the session, in this order. */
export type RealtimeEffect =
  | { readonly type: 'audio'; readonly format: AudioFormat; readonly bytes: Uint8Array }
  /** Audio that the engine has not had yet is dropped. */
  | { readonly type: 'drop_audio' }
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'image'; readonly jpeg: Uint8Array }
  | { readonly type: 'result'; readonly result: ToolResult }
  | { readonly type: 'config'; readonly config: EngineConfig }
  | { readonly type: 'said'; readonly text: string }
  | { readonly type: 'heard'; readonly ms: number }
  | { readonly type: 'hush' }
  | { readonly type: 'respond' };

/** Makes an id that was never there before. */
export type NewId = (kind: 'event' | 'item' | 'resp') => string;

/** One step of the conversation while it is worked out. */
export type Draft = {
  state: RealtimeState;
  readonly out: RealtimeServerEvent[];
  readonly effects: RealtimeEffect[];
  readonly newId: NewId;
};

export function emit(draft: Draft, event: NewServerEvent): void {
  draft.out.push({ ...event, event_id: draft.newId('event') });
}

export function change(draft: Draft, part: Partial<RealtimeState>): void {
  draft.state = { ...draft.state, ...part };
}
