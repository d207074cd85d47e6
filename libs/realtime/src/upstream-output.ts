import type { AnswerExtra, Heard, TickAnswer } from '@wheelhouse/protocol/engine-tick';
import type { ToolCall } from '@wheelhouse/protocol/tool-call';
import { fence, keepHeard } from './upstream-cut.ts';
import { remember } from './upstream-history.ts';
import { isOver, takeShare } from './upstream-sound.ts';
import { change, type UpstreamDraft, type UpstreamResponse } from './upstream-state.ts';

/** Sound of one item, at 24 kHz. Items have different `voice`s: a converter is begun anew with each. */
export type UpstreamSound = { readonly samples: Int16Array; readonly voice: number };

/** A tick's answer whose sound is still as the upstream sent it. */
export type UpstreamAnswer = Omit<TickAnswer, 'audio'> & { readonly sound: UpstreamSound | null };

/** Most calls in one tick: what a tick carries is bounded. */
const MOST_CALLS = 4;
const MOST_HEARD = 16;
const LONGEST_HEARD = 1_300;

/** What goes out in this tick. */
export function answerOf(draft: UpstreamDraft, tick: number): UpstreamAnswer {
  const spoken = speak(draft);
  const calls = handCalls(draft);
  const ended = endPlayed(draft);
  const { heard, isYielding, isTurnOver } = draft.state;
  const turnEnded = ended || isTurnOver;
  change(draft, { heard: heard.slice(MOST_HEARD), isYielding: false, isTurnOver: false });
  const extra: AnswerExtra | null = calls.length === 0 && !turnEnded ? null : { calls, turnEnded };
  return {
    tick,
    sound: spoken.sound,
    said: spoken.said,
    heard: heard.slice(0, MOST_HEARD).map((one): Heard => ({ ...one, text: one.text.slice(0, LONGEST_HEARD) })),
    yielded: isYielding,
    ...(extra === null ? {} : { extra }),
  };
}

/** The share of the item that is being said; the next one begins in the tick after its end. */
function speak(draft: UpstreamDraft): { readonly sound: UpstreamSound | null; readonly said: string } {
  const { state } = draft;
  for (const response of state.responses) {
    const at = response.items.findIndex((item) => !isOver(item));
    const item = response.items[at];
    if (item === undefined) {
      if (!response.isDone) break;
      continue;
    }
    const share = takeShare(item);
    const items = response.items.with(at, share.item);
    replace(draft, { ...response, items });
    return { sound: share.samples === null ? null : { samples: share.samples, voice: item.voice }, said: share.said };
  }
  return { sound: null, said: '' };
}

function handCalls(draft: UpstreamDraft): ToolCall[] {
  const { calls } = draft.state;
  const now = calls.slice(0, MOST_CALLS);
  for (const { call, name, arguments: given, item } of now) {
    const entry = { type: 'function_call', call_id: call, name, arguments: given } as const;
    change(draft, { history: remember(draft.state.history, { key: item, item: entry }) });
  }
  change(draft, { calls: calls.slice(MOST_CALLS) });
  return now.map(({ call, name, arguments: given }) => ({ call, name, arguments: given }));
}

/** Responses that were handed out to their end. */
function endPlayed(draft: UpstreamDraft): boolean {
  let hasEnded = false;
  for (let first = draft.state.responses[0]; first !== undefined && isPlayed(draft, first); first = draft.state.responses[0]) {
    for (const item of first.items) keepHeard(draft, item);
    fence(draft, first.id);
    change(draft, { responses: draft.state.responses.slice(1) });
    hasEnded = true;
  }
  return hasEnded;
}

function isPlayed({ state }: UpstreamDraft, response: UpstreamResponse): boolean {
  return response.isDone && response.items.every(isOver) && !state.calls.some((call) => call.response === response.id);
}

function replace(draft: UpstreamDraft, response: UpstreamResponse): void {
  change(draft, { responses: draft.state.responses.map((one) => (one.id === response.id ? response : one)) });
}
