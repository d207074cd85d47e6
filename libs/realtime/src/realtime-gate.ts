import type { LatchKind } from '@wheelhouse/protocol/order';
import type { GateEvent } from '@wheelhouse/protocol/stream-event';
import type { RealtimeFault } from './realtime-fault.ts';
import { type Ending, endResponse } from './realtime-response.ts';
import { sessionObject } from './realtime-settings.ts';
import { change, type Draft, emit } from './realtime-state.ts';

/** What an order means, to whoever reads it in a client's log. */
const ORDERS: Readonly<Record<LatchKind, string>> = {
  hold: 'A human holds the engine: it says nothing until the order is released.',
  mute: 'A human muted the engine: no sound of it passes until the order is released.',
  stop: 'A human stopped the engine: nothing of it passes until the order is released.',
  take_over: 'A human took over: what is said from now on is theirs, until the order is released.',
  level: 'A human lowered how much the engine may do alone, until the order is released.',
};

export function takeGateEvent(draft: Draft, event: GateEvent): void {
  switch (event.type) {
    case 'ready':
      change(draft, { latched: event.latched });
      emit(draft, { type: 'session.created', session: sessionObject(draft.state) });
      for (const kind of event.latched) tell(draft, { type: 'wheelhouse_order', code: kind, message: ORDERS[kind] });
      return;
    case 'flush':
      landed(draft, event);
      return;
    case 'released':
      change(draft, { latched: event.latched });
      emit(draft, { type: 'wheelhouse.released', order: event.order, latched: event.latched, tick: event.tick });
      return;
    case 'level':
      // At level 1 the engine speaks in drafts only.
      if (event.level === 1) closeGate(draft, { type: 'wheelhouse_order', code: 'level', message: 'The session was lowered to level 1.' });
      emit(draft, { type: 'wheelhouse.level', level: event.level, tick: event.tick });
      return;
    case 'lease':
      if (!event.held) closeGate(draft, { type: 'wheelhouse_order', code: 'lease', message: 'The right to speak ran out.' });
      emit(draft, { type: 'wheelhouse.lease', held: event.held, tick: event.tick });
      return;
    case 'hold_back':
      emit(draft, { type: 'wheelhouse.hold_back', ticks: event.ticks, tick: event.tick });
      return;
    case 'checkpoint':
      checkpoint(draft, event);
      return;
    case 'cut':
      cut(draft, event);
      return;
    case 'error':
      failed(draft, event);
      return;
    case 'ended':
      endResponse(draft, { status: 'cancelled', tells: false });
      tell(draft, { type: 'wheelhouse_session', code: 'session_ended', message: `The session is over: ${event.reason}.` });
      return;
  }
}

/** An order landed: the response is over, and the client is told by whom, and to drop what it has not played. */
function landed(draft: Draft, { order, kind, tick, lastSequence }: Extract<GateEvent, { type: 'flush' }>): void {
  const message = ORDERS[kind];
  change(draft, { latched: [...new Set([...draft.state.latched, kind])], fenced: false });
  closeGate(draft, { type: 'wheelhouse_order', code: kind, message });
  const error = { type: 'wheelhouse_order', code: kind, message, param: null, event_id: null };
  emit(draft, { type: 'error', error: { ...error, wheelhouse: { order, tick, last_sequence: lastSequence } } });
}

/** Ends the response without another word of it. */
export function closeGate(draft: Draft, error: NonNullable<Ending['error']>): void {
  endResponse(draft, { status: 'cancelled', error, tells: false });
}

function checkpoint(draft: Draft, event: Extract<GateEvent, { type: 'checkpoint' }>): void {
  const { checkpoint: where, verdict, tick, policies, action } = event;
  emit(draft, { type: 'wheelhouse.checkpoint', checkpoint: where, verdict, tick, policies, action: action ?? null });
  if (verdict !== 'deny') return;
  const by = policies.length === 0 ? '' : ` (${policies.join(', ')})`;
  tell(draft, { type: 'wheelhouse_policy', code: where.replace('.', '_'), message: `Policy${by} did not let this pass ${where}.` });
}

/** A verdict came late: what was sent of this answer is to be dropped. */
function cut(draft: Draft, { policies }: Extract<GateEvent, { type: 'cut' }>): void {
  const by = policies.length === 0 ? '' : ` (${policies.join(', ')})`;
  endResponse(draft, { status: 'incomplete', reason: 'content_filter', tells: false });
  tell(draft, { type: 'wheelhouse_policy', code: 'cut', message: `Policy${by} cut this answer off: drop what was not played yet.` });
}

function failed(draft: Draft, { code, message, fatal }: Extract<GateEvent, { type: 'error' }>): void {
  if (code === 'engine_lost' || fatal) {
    const error = { type: 'server_error', code, message };
    endResponse(draft, { status: 'failed', error, tells: false });
  }
  const type = code === 'engine_lost' || code === 'server_stopping' ? 'server_error' : 'invalid_request_error';
  tell(draft, { type, code, message });
}

function tell(draft: Draft, fault: Pick<RealtimeFault, 'type' | 'code' | 'message'>): void {
  emit(draft, { type: 'error', error: { ...fault, param: null, event_id: null } });
}
