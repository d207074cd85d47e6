import { randomUUID } from 'node:crypto';
import { parseStrictJson } from '@wheelhouse/ledger/strict-json';
import type { Action, ActionState } from '@wheelhouse/protocol/action';
import type { Actor } from '@wheelhouse/protocol/identity';
import type { Level } from '@wheelhouse/protocol/level';
import { type Decision, NO_OBLIGATIONS } from '@wheelhouse/protocol/policy';
import type { ToolCall } from '@wheelhouse/protocol/tool-call';
import { z } from 'zod';
import { type ActionDeskParts, stateOf } from './action-desk.ts';
import { digestOf } from './bound-call.ts';
import { askerOf } from './verdict-desk.ts';

type Parts = Pick<ActionDeskParts, 'book' | 'seal' | 'views' | 'scribe' | 'gate' | 'log'> & {
  /** Of an open session: the person behind who opened it, and the data subject whose content it carries. Null for one that is not open. */
  readonly sessionOf: (session: string) => Promise<{ readonly person: string; readonly subject: string } | null>;
  readonly isOpen: (session: string) => boolean;
};

/** What a live session asks a human about. */
export type SessionAsk = {
  readonly session: string;
  readonly tenant: string;
  readonly deployment: string;
  readonly model: string;
  /** The session's effective level at that moment. */
  readonly level: Level;
  /** After so many seconds without a decision it has expired; ten minutes unless said. */
  readonly seconds?: number;
} &
  /** `action`: the id that its client was told. */
  (
    | { readonly kind: 'tool'; readonly action: string; readonly call: ToolCall }
    /** Words on their way out of (`output`) or to (`input`) the engine that a checkpoint held: its decision says why. */
    | { readonly kind: 'output' | 'input'; readonly text: string; readonly decision: Decision }
  );

const WAITS_S = 600;
const NAME = { output: 'session.output', input: 'session.input' } as const;

/** The way by which live sessions ask: the same list, the same humans, the same record. */
export class SessionActions {
  readonly #parts: Parts;
  readonly #listeners = new Set<(action: Action) => void>();

  constructor(parts: Parts) {
    this.#parts = parts;
    parts.book.onChange((row) => {
      if (row.asker.kind !== 'system' || row.state === 'pending') return;
      const action = parts.views.whole(row);
      for (const tell of this.#listeners) tell(action);
    });
  }

  /** Asks in an engine's name. Answers when it is durable; rejects where it can't be: then it is not allowed. */
  async askForSession(ask: SessionAsk): Promise<{ id: string; state: ActionState }> {
    const { seal, scribe, gate, book } = this.#parts;
    const id = ask.kind === 'tool' ? ask.action : randomUUID();
    const { session, tenant, deployment, model, level } = ask;
    const asker: Actor = { kind: 'system', id: session, role: 'engine' };
    const { tool, given, fault } = callOf(ask);
    const place = { deployment, model, level };
    const decision =
      fault ??
      (ask.kind === 'tool'
        ? gate.decide(gate.request(askerOf({ asker, tenant }), { checkpoint: 'tool.call', name: tool, place }))
        : ask.decision);
    const found = await this.#parts.sessionOf(session);
    const state = found === null ? 'denied' : ask.kind === 'tool' || fault !== null ? stateOf(decision) : 'pending';
    const subject = found?.subject ?? session;
    const content = await seal.asked(subject, { arguments: given, agent: '', reason: '' });
    const digest = digestOf({ tool, arguments: given });
    const draft = {
      ...{ id, tenant, state, kind: ask.kind, tool, digest, session, asker, person: found?.person ?? session, subject, content, decision },
      webhook: null,
    };
    await book.inTurn(id, () => scribe.asked(draft, ask.seconds ?? WAITS_S, ''));
    // It may have ended while this was written.
    if (!this.#parts.isOpen(session)) this.sessionEnded(session);
    return { id, state: book.at(id)?.state ?? state };
  }

  /** Calls `tell` with each action of a session's once it is decided, with its content. */
  onDecided(tell: (action: Action) => void): void {
    this.#listeners.add(tell);
  }

  /** What it asked for is not to be done any more. */
  sessionEnded(session: string): void {
    const { book, scribe, log } = this.#parts;
    for (const id of [...book.pending]) {
      if (book.at(id)?.session !== session) continue;
      book
        .inTurn(id, async () => {
          const row = book.at(id);
          if (row?.state === 'pending') await scribe.ended(row, 'withdrawn', '');
        })
        .catch((error: unknown) => {
          log.error({ err: error, action: id }, 'an action of a session that has ended could not be withdrawn; trying again');
        });
    }
  }
}

/** The tool and its arguments. A call whose arguments are no JSON is denied: nobody could say what would be done. */
function callOf(ask: SessionAsk): { tool: string; given: Action['arguments']; fault: Decision | null } {
  if (ask.kind !== 'tool') return { tool: NAME[ask.kind], given: { text: ask.text.toWellFormed() }, fault: null };
  const { name, arguments: text } = ask.call;
  const read = parseStrictJson(text.trim() === '' ? '{}' : text);
  if (read.ok) return { tool: name, given: z.json().parse(read.value), fault: null };
  const errors = [`The arguments are not JSON that everybody reads the same: ${read.message}`.slice(0, 1000)];
  const fault: Decision = { verdict: 'deny', policies: [], obligations: NO_OBLIGATIONS, errors, bundle: '' };
  return { tool: name, given: { text: text.toWellFormed() }, fault };
}
