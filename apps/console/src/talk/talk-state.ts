import type { Recordable } from '@wheelhouse/protocol/content';
import type { Level } from '@wheelhouse/protocol/level';
import type { LatchKind } from '@wheelhouse/protocol/order';
import type { GateEvent } from '@wheelhouse/protocol/stream-event';

/** A session that this page talks in. `cut`: the connection is lost and being made anew. */
export type Talk = {
  readonly session: string;
  readonly level: Level;
  readonly tick: number;
  readonly latched: readonly LatchKind[];
  /** What of it is recorded. */
  readonly recorded: readonly Recordable[];
  /** Ticks for which what the engine says is held back until policy has judged it. */
  readonly holdBack: number;
  /** The order that landed last while we listened. After a new connection only its kind is known. */
  readonly order: { readonly id: string; readonly kind: LatchKind } | null;
  readonly leased: boolean;
  readonly cut: string | null;
  /** The last error that the gate told, for the person to read. */
  readonly notice: string | null;
};

export type TalkState =
  | { readonly phase: 'idle'; readonly problem: string | null }
  | { readonly phase: 'connecting'; readonly trouble: string | null }
  | { readonly phase: 'attached'; readonly talk: Talk }
  | { readonly phase: 'ended'; readonly reason: string };

export type TalkStateName = 'idle' | 'connecting' | 'live' | 'latched' | 'reconnecting' | 'ended';

/** Latches under which the person may hear nothing; a level order leaves the engine speaking. */
export function withholds(kind: LatchKind): boolean {
  switch (kind) {
    case 'hold':
    case 'mute':
    case 'stop':
    case 'take_over':
      return true;
    case 'level':
      return false;
  }
}

export function nameOf(state: TalkState): TalkStateName {
  switch (state.phase) {
    case 'idle':
    case 'connecting':
    case 'ended':
      return state.phase;
    case 'attached':
      if (state.talk.cut !== null) return 'reconnecting';
      return state.talk.latched.some(withholds) ? 'latched' : 'live';
  }
}

export function heardGate(state: TalkState, event: GateEvent): TalkState {
  if (event.type === 'ready') return ready(state, event);
  if (event.type === 'ended') return { phase: 'ended', reason: event.reason };
  if (state.phase !== 'attached') return state;
  return { phase: 'attached', talk: changed(state.talk, event) };
}

export function cutOff(state: TalkState, why: string): TalkState {
  switch (state.phase) {
    case 'attached':
      return { phase: 'attached', talk: { ...state.talk, cut: why } };
    case 'connecting':
      return { phase: 'connecting', trouble: why };
    case 'idle':
    case 'ended':
      return state;
  }
}

function ready(state: TalkState, event: Extract<GateEvent, { type: 'ready' }>): TalkState {
  const order = state.phase === 'attached' ? state.talk.order : null;
  const talk: Talk = {
    session: event.session,
    level: event.level,
    tick: event.tick,
    latched: event.latched,
    recorded: event.recorded,
    holdBack: event.holdBack,
    order: order !== null && event.latched.includes(order.kind) ? order : null,
    leased: true,
    cut: null,
    notice: null,
  };
  return { phase: 'attached', talk };
}

function changed(talk: Talk, event: Exclude<GateEvent, { type: 'ready' } | { type: 'ended' }>): Talk {
  switch (event.type) {
    case 'flush':
      return {
        ...talk,
        tick: event.tick,
        latched: talk.latched.includes(event.kind) ? talk.latched : [...talk.latched, event.kind],
        order: { id: event.order, kind: event.kind },
      };
    case 'released':
      return { ...talk, tick: event.tick, latched: event.latched, order: talk.order?.id === event.order ? null : talk.order };
    case 'level':
      return { ...talk, tick: event.tick, level: event.level };
    case 'lease':
      return { ...talk, tick: event.tick, leased: event.held };
    case 'hold_back':
      return { ...talk, tick: event.tick, holdBack: event.ticks };
    case 'checkpoint':
      return { ...talk, tick: event.tick, notice: checkpointInWords(event) };
    case 'cut':
      return { ...talk, tick: event.tick, notice: 'Policy cut the engine off: what it was saying is not played.' };
    case 'error':
      return { ...talk, notice: event.message };
  }
}

const WHAT = { 'tick.input': 'What you sent', 'tick.output': 'What the engine said', 'tool.call': 'A tool the engine asked for' } as const;
const VERDICT = {
  allow: 'passes',
  redact: 'was masked in part',
  hold: 'waits for a human',
  deny: 'was not let through',
} as const;

function checkpointInWords({ checkpoint, verdict, policies }: Extract<GateEvent, { type: 'checkpoint' }>): string {
  return `${WHAT[checkpoint]} ${VERDICT[verdict]} (policy ${policies.length === 0 ? 'could not be asked' : policies.join(', ')}).`;
}
