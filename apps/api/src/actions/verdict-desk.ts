import type { Action, ActionVerdict } from '@wheelhouse/protocol/action';
import type { Principal } from '@wheelhouse/protocol/identity';
import { actorOf } from '../identity/principals.ts';
import { Refusal } from '../problem/refusal.ts';
import type { ActionDeskParts } from './action-desk.ts';
import { mayDecide, mayRead, unknownAction } from './action-rights.ts';
import { type ActionRow, checkpointOf, deciderOf, powerOf, type Settled } from './action-row.ts';
import { digestOf } from './bound-call.ts';

type Parts = Pick<ActionDeskParts, 'book' | 'seal' | 'views' | 'scribe' | 'gate' | 'court'> & {
  readonly nameOf: (id: string) => string;
  readonly now: () => number;
};

/** Where people decide what waits for them, and askers take back what they asked. */
export class VerdictDesk {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** Decides, once. It counts when it is durable in the ledger, and only then anybody is told. */
  decide(by: Principal, id: string, verdict: ActionVerdict): Promise<Action> {
    const { book, views, scribe } = this.#parts;
    return book.inTurn(id, async () => {
      const row = await this.#toDecide(by, id);
      if (verdict.digest !== row.digest)
        throw new Refusal('other_digest', 'What you were shown is not what was asked for. Look at the action again, and decide on that.');
      const settled = await this.#settled(by, row, verdict);
      return views.of(await scribe.decided(row, settled, verdict.reason), by);
    });
  }

  /** Takes back what one asked for oneself, while it waits. */
  async withdraw(by: Principal, id: string): Promise<Action> {
    const { book, views, scribe, court, now } = this.#parts;
    if (court.isOpen(id)) {
      // Where votes decide on it, it ends with its proposal.
      const row = await this.#known(by, id);
      await court.withdraw(by, id);
      return views.of(book.at(id) ?? row, by);
    }
    return book.inTurn(id, async () => {
      const row = await this.#known(by, id);
      if (row.asker.kind === 'system' || row.person !== by.person)
        throw new Refusal('forbidden', 'Only whoever asked for it can withdraw it. To turn it down, reject it.');
      this.#requirePending(row);
      const at = new Date(now());
      const settled: Settled = { state: 'withdrawn', by: actorOf(by), at, editedDigest: null, outcome: null, words: null };
      return views.of(await scribe.decided(row, settled, ''), by);
    });
  }

  async #toDecide(by: Principal, id: string): Promise<ActionRow> {
    const row = await this.#known(by, id);
    if (!mayDecide(by, row.tenant))
      throw new Refusal(
        'forbidden',
        by.kind === 'key'
          ? 'An API key never decides what waits for a human. A person has to sign in.'
          : 'Deciding on actions is for operators and administrators.',
      );
    if (powerOf(row) !== null) this.#parts.court.refuseOneMore(`POST /v1/proposals/${id}/votes`);
    // An engine asks for itself; whoever opened its session is as good a human as any.
    if (row.asker.kind !== 'system' && row.person === by.person)
      throw new Refusal('same_person', 'You asked for this yourself, or a key of yours did. Another person has to decide.');
    this.#requirePending(row);
    return row;
  }

  async #known(by: Principal, id: string): Promise<ActionRow> {
    const row = await this.#parts.book.find(id);
    if (row === null || !mayRead(by, row)) throw unknownAction(id);
    return row;
  }

  #requirePending(row: ActionRow): void {
    const { book, nameOf } = this.#parts;
    if (row.state !== 'pending') {
      const person = deciderOf(row);
      throw new Refusal('conflict', `It is ${row.state} already${person === null ? '' : `, by ${nameOf(person)}`}. That stands.`);
    }
    if (book.isOver(row.id)) throw new Refusal('expired', 'Its time is over, and nobody decided. It has to be asked for again.');
  }

  /** What the verdict comes to. What policy denies by now, nobody can approve. */
  async #settled(by: Principal, row: ActionRow, verdict: ActionVerdict): Promise<Settled> {
    const { seal, now } = this.#parts;
    const words = verdict.reason === '' ? null : await seal.words(by.person, verdict.reason);
    const common = { by: actorOf(by), at: new Date(now()), words, editedDigest: null, outcome: null };
    switch (verdict.outcome) {
      case 'approve':
        this.#requireNotDenied(row, seal.openAsked(row)?.arguments ?? null);
        return { ...common, state: 'approved' };
      case 'edit': {
        const editedDigest = digestOf({ checkpoint: checkpointOf(row.kind), tool: row.tool, arguments: verdict.arguments });
        if (editedDigest === row.digest) throw new Refusal('conflict', 'Nothing of the arguments was changed. Approve it as it is.');
        this.#requireNotDenied(row, verdict.arguments);
        return { ...common, state: 'edited', editedDigest, outcome: await seal.outcome(row, { arguments: verdict.arguments }) };
      }
      case 'answer':
        if (row.kind !== 'tool') throw new Refusal('conflict', 'Only a tool call can be answered. Approve, edit or reject it instead.');
        return { ...common, state: 'answered', outcome: await seal.outcome(row, { answer: verdict.answer }) };
      case 'reject':
        return { ...common, state: 'rejected' };
    }
  }

  /** It passes its checkpoint again, with what it would be done with now: the bundle, the level or the tool may have changed since it was asked for. */
  #requireNotDenied(row: ActionRow, given: unknown): void {
    // Words that a checkpoint held have passed it: a human decides on them as they are.
    if (row.kind === 'output' || row.kind === 'input') return;
    const { gate } = this.#parts;
    const decision = gate.decide(gate.request(askerOf(row), gate.thingOf(row, given)));
    if (decision.verdict === 'deny')
      throw new Refusal(
        'policy_denied',
        `Policy denies it by now (${decision.policies.join(', ') || decision.errors.join(' ')}). It can be rejected.`,
      );
  }
}

/** Who asked, as policy sees it. */
export function askerOf({ asker, tenant }: Pick<ActionRow, 'asker' | 'tenant'>) {
  const kind = asker.kind === 'system' ? ('engine' as const) : asker.kind;
  return { kind, id: asker.id, role: asker.role, tenant };
}
