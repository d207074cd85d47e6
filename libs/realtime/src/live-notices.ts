import type { EngineEvent, GateEvent, StreamErrorCode } from '@wheelhouse/protocol/stream-event';
import type { LatchKind } from '@wheelhouse/protocol/order';
import type { LiveFault } from './live-client-events.ts';
import { changeLive, emitLive, type LiveDraft, engineConfigOf, resourceOf, usageOf } from './live-state.ts';

export type LiveTold = Exclude<GateEvent, { type: 'ready' | 'error' | 'ended' }> | Extract<EngineEvent, { type: 'yield' }>;

/** What the gate says to the client. `fault`: the client's own event that an error is about. */
export function takeLiveGate(draft: LiveDraft, event: GateEvent, fault: LiveFault | null, startEvent: string | null): void {
  switch (event.type) {
    case 'ready':
      begin(draft, event, startEvent);
      return;
    case 'error':
      tellError(draft, event, fault);
      return;
    case 'ended':
      close(draft);
      return;
    case 'flush':
      latch(draft, [...draft.state.latched.filter((kind) => kind !== event.kind), event.kind]);
      draft.effects.push({ type: 'flush' });
      break;
    case 'released':
      latch(draft, event.latched);
      break;
    case 'cut':
      draft.effects.push({ type: 'flush' });
      break;
    case 'level':
    case 'lease':
    case 'hold_back':
    case 'checkpoint':
      break;
  }
  tell(draft, event);
}

/** The protocol has no word for these: `info` says them, with what was said in full. */
export function tell(draft: LiveDraft, event: LiveTold): void {
  emitLive(draft, { type: 'info', code: `wheelhouse.${event.type}`, message: inWords(event), wheelhouse: event });
}

function latch(draft: LiveDraft, latched: readonly LatchKind[]): void {
  changeLive(draft, { latched });
}

function begin(draft: LiveDraft, event: Extract<GateEvent, { type: 'ready' }>, startEvent: string | null): void {
  changeLive(draft, { firstTick: event.tick, tick: event.tick, latched: event.latched });
  emitLive(draft, { type: 'session.started', session: resourceOf(draft.state) }, startEvent);
  const latched = event.latched.length === 0 ? 'no latch is in force' : `in force: ${event.latched.join(', ')}`;
  const recorded = event.recorded.length === 0 ? 'nothing is recorded' : `recorded: ${event.recorded.join(', ')}`;
  const message = `Level ${event.level}; ${latched}; ${recorded}; output is held back for ${event.holdBack} ticks.`;
  emitLive(draft, { type: 'info', code: 'wheelhouse.ready', message, wheelhouse: event });
  const said = draft.state.settings.history.flatMap(({ role, content: [{ text }] }) =>
    role === 'developer' ? [] : [{ who: role === 'user' ? ('person' as const) : ('engine' as const), text }],
  );
  const config = engineConfigOf(draft.state);
  draft.effects.push({ type: 'extra', extra: said.length === 0 ? { config } : { config, said } });
}

function close(draft: LiveDraft): void {
  const { state } = draft;
  const reason = state.closing?.reason ?? 'close_requested';
  const clientEvent = state.closing?.clientEvent ?? null;
  emitLive(draft, { type: 'session.closed', reason, session: resourceOf(state), usage: usageOf(state) }, clientEvent);
  changeLive(draft, { closed: true });
}

function tellError(draft: LiveDraft, event: Extract<GateEvent, { type: 'error' }>, fault: LiveFault | null): void {
  const type = OURS.has(event.code) ? 'server_error' : 'invalid_request_error';
  const clientEvent = fault?.clientEvent ?? null;
  const end = event.fatal && fault !== null ? ' This was one fault too many: the connection is closed.' : '';
  const error = {
    type,
    code: fault?.code ?? event.code,
    message: `${fault?.message ?? event.message}${end}`,
    ...(fault === null || fault.param === null ? {} : { param: fault.param }),
    ...(clientEvent === null ? {} : { client_event_id: clientEvent }),
  };
  emitLive(draft, { type: 'error', error }, clientEvent);
}

const OURS: ReadonlySet<StreamErrorCode> = new Set(['engine_lost', 'server_stopping']);

/** What the gate or the engine said, for a reader. */
export function inWords(event: LiveTold): string {
  switch (event.type) {
    case 'flush':
      return `A human’s order (${event.kind}) is in force. Drop everything of the engine’s that was not played yet; ${event.kind === 'mute' ? 'no sound' : 'nothing'} of it follows until the order is released.`;
    case 'released':
      return event.latched.length === 0 ? 'The order was released.' : `An order was released; still in force: ${event.latched.join(', ')}.`;
    case 'level':
      return `The session is at level ${event.level} now.`;
    case 'lease':
      return event.held
        ? 'The right to speak is back.'
        : 'The right to speak ran out: nothing of the engine’s follows until it is renewed.';
    case 'hold_back':
      return `Output is held back for ${event.ticks} ticks until it was checked.`;
    case 'checkpoint':
      return `Checkpoint ${event.checkpoint}: ${event.verdict} (${event.policies.join(', ')}).`;
    case 'cut':
      return `What was said may not be said (${event.policies.join(', ')}). Drop everything that was not played yet.`;
    case 'yield':
      return 'The engine was interrupted and yields: drop what was not played yet.';
  }
}
