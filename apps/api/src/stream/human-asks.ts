import { levelOf } from '@wheelhouse/gate/gate-word';
import type { Action } from '@wheelhouse/protocol/action';
import type { Decision } from '@wheelhouse/protocol/policy';
import { NO_OBLIGATIONS } from '@wheelhouse/protocol/policy';
import { inPlaceOf } from '@wheelhouse/session/input-part';
import type { HumanAsk } from '@wheelhouse/session/tick-state';
import type { Logger } from 'pino';
import { z } from 'zod';
import type { SessionActions } from '../actions/session-actions.ts';
import type { OpenSession, SessionRegistry } from '../sessions/session-registry.ts';
import type { GateVoice } from './gate-voice.ts';
import type { HumanDecision } from './human-decision.ts';
import type { StreamHost } from './stream-host.ts';

type Parts = {
  readonly registry: SessionRegistry;
  readonly actions: SessionActions;
  readonly streams: StreamHost;
  readonly voice: GateVoice;
  readonly log: Logger;
};
type Asked = { readonly slot: number; readonly session: string; readonly ask: HumanAsk };

const Words = z.object({ text: z.string() });

/** Carries what a session's checkpoint held to the humans who decide, and their decision back to its stream thread. */
export class HumanAsks {
  readonly #parts: Parts;
  readonly #asked = new Map<string, Asked>();

  constructor(parts: Parts) {
    this.#parts = parts;
    parts.actions.onDecided((action) => {
      this.#decided(action);
    });
  }

  /** A stream thread has something that waits. */
  wanted({ slot, session, asks }: { slot: number; session: string; asks: readonly HumanAsk[] }): void {
    for (const ask of asks) {
      this.#ask({ slot, session, ask }).catch((error: unknown) => {
        this.#parts.log.error({ err: error, session }, 'what a checkpoint held could not be put before a human; it is refused');
        this.#send({ slot, session, ask }, refusal(ask, 'denied', 'it could not be recorded'));
      });
    }
  }

  async #ask(asked: Asked): Promise<void> {
    const { registry, actions } = this.#parts;
    const open = registry.get(asked.session);
    if (open === undefined) return;
    const facts = { ...open.facts, level: levelOf(registry.wordOf(open)) };
    const { id, state } = await actions.askForSession({ ...facts, ...wordsOf(asked.ask, this.#draftDecision(open)) });
    this.#asked.set(id, asked);
    const { ask } = asked;
    if (state === 'pending') return;
    this.#asked.delete(id);
    if (state === 'allowed' && ask.what === 'tool') this.#send(asked, { what: 'call', call: ask.call });
    else this.#send(asked, refusal(ask, 'denied', 'policy does not allow it'));
  }

  /** Why output or input waits is in the entries of its checkpoint; here it says so in a line. */
  #draftDecision({ facts }: OpenSession): Decision {
    return { verdict: 'hold', policies: [], obligations: NO_OBLIGATIONS, errors: [], bundle: `of session ${facts.session}` };
  }

  #decided(action: Action): void {
    const asked = this.#asked.get(action.id);
    if (asked === undefined) return;
    this.#asked.delete(action.id);
    if (asked.ask.what === 'output') void this.#decidedDraft(asked, asked.ask.draft, action);
    else this.#send(asked, decisionOn(asked.ask, action));
  }

  /** A draft in other words is spoken by the gate's own voice. */
  async #decidedDraft(asked: Asked, draft: number, action: Action): Promise<void> {
    const words = action.answer ?? wordsIn(action.edited?.arguments);
    this.#send(asked, { what: 'output', draft, approved: action.state === 'approved' });
    if (words === null) return;
    this.#send(asked, { what: 'speak', text: words, audio: await this.#parts.voice.say(words) });
  }

  #send({ slot, session }: Asked, decision: HumanDecision | null): void {
    const thread = this.#parts.registry.get(session)?.thread ?? null;
    if (decision !== null && thread !== null) this.#parts.streams.send(thread, { type: 'human', slot, session, decision });
  }
}

function wordsOf(ask: HumanAsk, decision: Decision) {
  switch (ask.what) {
    case 'tool':
      return { kind: 'tool', action: ask.action, call: ask.call } as const;
    case 'output':
    case 'input':
      return { kind: ask.what, text: ask.text, decision } as const;
  }
}

function decisionOn(ask: Exclude<HumanAsk, { what: 'output' }>, action: Action): HumanDecision | null {
  if (ask.what === 'input') {
    const text = action.state === 'approved' ? ask.text : wordsIn(action.edited?.arguments);
    return text === null ? refusal(ask, outcomeOf(action), action.decidedReason) : { what: 'input', part: ask.part, text };
  }
  const { call } = ask;
  switch (action.state) {
    case 'approved':
      return { what: 'call', call };
    case 'edited':
      return { what: 'call', call: { ...call, arguments: JSON.stringify(action.edited?.arguments ?? null) } };
    case 'answered':
      return { what: 'answered', call: call.call, output: action.answer ?? '' };
    default:
      return refusal(ask, outcomeOf(action), action.decidedReason);
  }
}

function outcomeOf({ state }: Action): 'expired' | 'rejected' {
  return state === 'expired' ? 'expired' : 'rejected';
}

function refusal(ask: HumanAsk, error: 'rejected' | 'expired' | 'denied', reason: string): HumanDecision | null {
  switch (ask.what) {
    case 'tool':
      return { what: 'refused', call: ask.call.call, error, reason };
    case 'output':
      return { what: 'output', draft: ask.draft, approved: false };
    case 'input': {
      const words = inPlaceOf(ask, { error, reason });
      return words === null ? null : { what: 'input', ...words };
    }
  }
}

function wordsIn(given: unknown): string | null {
  const words = Words.safeParse(given);
  return words.success ? words.data.text : null;
}
