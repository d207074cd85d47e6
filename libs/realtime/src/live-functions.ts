import type { ToolCall } from '@wheelhouse/protocol/tool-call';
import type { LiveClientEvent } from './live-client-events.ts';
import { changeLive, clockOf, emitLive, type LiveDraft, refuseLive } from './live-state.ts';

/** Calls that may wait for their results; an engine that makes more is answered with a refusal in the client's place. */
const MOST_CALLS = 16;

type Item = { readonly id: string; readonly call: ToolCall };

/** The engine wants a function carried out, and may: its client is asked, in the words of the Responses API. */
export function takeLiveCall(draft: LiveDraft, call: ToolCall, tick: number): void {
  const { settings, calls } = draft.state;
  const offered = settings.functions?.tools.some(({ name }) => name === call.name) ?? false;
  if (!offered || calls.length >= MOST_CALLS || calls.some((open) => open.call === call.call)) {
    const why = offered ? 'too many calls wait for their results, or this one does already' : 'the client offers no such function';
    draft.effects.push({ type: 'extra', extra: { results: [{ call: call.call, output: JSON.stringify({ error: why }) }] } });
    emitLive(draft, { type: 'info', code: 'wheelhouse.call_refused', message: `The engine called ${call.name}: ${why}. It was told so.` });
    return;
  }
  const delegation = draft.newId('deleg');
  const response = draft.newId('resp');
  changeLive(draft, { calls: [...calls, { call: call.call, delegation }] });
  emitLive(draft, {
    type: 'session.delegation.created',
    offset_ms: clockOf(draft.state, tick),
    delegation: { id: delegation, target: 'responses', type: 'delegation', response_id: response },
  });
  tellResponse(draft, { response, delegation }, { id: draft.newId('fc'), call });
}

/** One response of the backend, from its beginning to its end; with one function call, or none. */
function tellResponse(
  draft: LiveDraft,
  of: { readonly response: string; readonly delegation: string | null },
  item: Item | null = null,
): void {
  const body = (status: 'in_progress' | 'completed', output: readonly unknown[]) => ({
    response: {
      ...{ id: of.response, object: 'response', created_at: draft.state.startedAt, status, model: draft.state.model, output },
      ...{ error: null, incomplete_details: null, instructions: null, metadata: null, parallel_tool_calls: true },
      ...{ temperature: null, top_p: null, tool_choice: draft.state.settings.functions?.toolChoice ?? 'none', tools: [] },
    },
  });
  const steps: { readonly type: string; readonly [field: string]: unknown }[] = [{ type: 'response.created', ...body('in_progress', []) }];
  const done = item === null ? [] : [itemOf(item, 'completed')];
  if (item !== null) {
    const at = { item_id: item.id, output_index: 0 };
    steps.push({ type: 'response.output_item.added', output_index: 0, item: itemOf(item, 'in_progress') });
    steps.push({ type: 'response.function_call_arguments.delta', ...at, delta: item.call.arguments });
    steps.push({ type: 'response.function_call_arguments.done', ...at, name: item.call.name, arguments: item.call.arguments });
    steps.push({ type: 'response.output_item.done', output_index: 0, item: done[0] });
  }
  steps.push({ type: 'response.completed', ...body('completed', done) });
  for (const [sequence_number, step] of steps.entries()) {
    emitLive(draft, { type: 'response.event', delegation_id: of.delegation, event: { ...step, sequence_number } });
  }
}

function itemOf({ id, call }: Item, status: 'in_progress' | 'completed') {
  return {
    ...{ type: 'function_call', id, call_id: call.call, name: call.name, status },
    arguments: status === 'completed' ? call.arguments : '',
  };
}

/** The client brings a function's result. It is given to the engine with `response.create`. */
export function takeLiveResult(draft: LiveDraft, event: Extract<LiveClientEvent, { type: 'response.item.create' }>): void {
  const { calls, results, settings } = draft.state;
  const clientEvent = event.event_id ?? null;
  const { item } = event;
  if (settings.functions === null) {
    refuseLive(draft, { code: 'unsupported_value', message: NO_BACKEND, param: 'type', clientEvent });
    return;
  }
  if (!calls.some(({ call }) => call === item.call_id)) {
    refuseLive(draft, { code: 'invalid_value', message: 'No call with this id waits for a result.', param: 'item.call_id', clientEvent });
    return;
  }
  changeLive(draft, {
    calls: calls.filter(({ call }) => call !== item.call_id),
    results: [...results, { call: item.call_id, output: item.output }],
  });
}

const NO_BACKEND = 'This session delegates to its client and offers no functions: start it with delegation {"type": "responses", …}.';

/** The client wants the engine to go on: with the results that it brought, or to answer now. */
export function takeLiveRequest(draft: LiveDraft, event: Extract<LiveClientEvent, { type: 'response.create' }>): void {
  const { results, settings } = draft.state;
  const clientEvent = event.event_id ?? null;
  if (settings.functions === null) {
    refuseLive(draft, { code: 'unsupported_value', message: NO_BACKEND, param: 'type', clientEvent });
    return;
  }
  draft.effects.push({ type: 'extra', extra: results.length === 0 ? { respond: true } : { results: [...results] } });
  changeLive(draft, { results: [] });
  // What comes of it is spoken; the backend itself has nothing more to say.
  tellResponse(draft, { response: draft.newId('resp'), delegation: null });
}
