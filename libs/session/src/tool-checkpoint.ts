import { levelOf } from '@wheelhouse/gate/gate-word';
import type { Decision } from '@wheelhouse/protocol/policy';
import type { ToolCall } from '@wheelhouse/protocol/tool-call';
import type { TickRecord } from './evidence.ts';
import { type EvidencedFrame, eventFrame, evidenced } from './held-output.ts';
import { joinExtra } from './tick-extra.ts';
import { note, passFrames } from './tick-output.ts';
import type { Decided } from './tick-policy.ts';
import type { Now, SessionTicks, TickOutcome, Way } from './tick-state.ts';

type Step = { readonly record: TickRecord; readonly now: Now; readonly way: Way; readonly outcome: TickOutcome };

/** The checkpoint `tool.call`: a call leaves to whoever carries it out, waits for a human, or comes back to the engine refused. */
export function judgeCalls(state: SessionTicks, calls: readonly ToolCall[], step: Step): void {
  const { record, outcome } = step;
  const level = levelOf(state.gate.word);
  for (const call of calls) {
    const frame = callFrame(call, step.way);
    record.produced.push(frame.evidence);
    const decision = readable(call, state.policy.call(call, level));
    const decided: Decided = { checkpoint: 'tool.call', tick: record.tick, level, signals: null, tool: call.name, decision };
    switch (decision.verdict) {
      case 'allow':
        sendFrame(state, { call, frame }, { ...step, origin: 'engine' });
        break;
      case 'hold': {
        const action = step.way.newAction();
        record.withheld += 1;
        note(state, decided, outcome, action);
        outcome.asks.push({ what: 'tool', action, call, decided });
        break;
      }
      // A call is one thing: what would be left of it after redaction is another call.
      case 'redact':
      case 'deny':
        record.withheld += 1;
        note(state, decided, outcome);
        refuseCall(state, call.call, { error: 'denied', policies: decision.policies, problems: decision.errors });
    }
  }
}

/** Lets a call out that a human approved, through the gate. Where the gate does not let it, the engine is told that nothing was done. */
export function sendCall(state: SessionTicks, call: ToolCall, step: Step): boolean {
  return sendFrame(state, { call, frame: callFrame(call, step.way) }, { ...step, origin: 'approved' });
}

function sendFrame(
  state: SessionTicks,
  { call, frame }: { call: ToolCall; frame: EvidencedFrame },
  step: Step & { origin: 'engine' | 'approved' },
): boolean {
  const [sent] = passFrames(state, [frame], step);
  if (sent?.left === true) return true;
  refuseCall(state, call.call, { error: 'withheld', problems: ['a human has stopped or held this session'] });
  return false;
}

function callFrame(call: ToolCall, { sha256 }: Way): EvidencedFrame {
  return evidenced(eventFrame({ type: 'call', ...call }), sha256);
}

/** The engine gets its call back as a result that says why nothing was done. */
export function refuseCall(state: SessionTicks, call: string, why: { readonly [name: string]: unknown }): void {
  state.extra = joinExtra(state.extra, { results: [{ call, output: JSON.stringify(why) }] });
}

/** Arguments that are no JSON can't be shown to anybody, nor bound to an approval. */
function readable(call: ToolCall, decision: Decision): Decision {
  try {
    JSON.parse(call.arguments);
    return decision;
  } catch {
    return { ...decision, verdict: 'deny', errors: [...decision.errors, 'the arguments are not JSON'] };
  }
}
