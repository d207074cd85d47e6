import type { ActionCheck, ActionChecked, ActionState } from '@wheelhouse/protocol/action';
import type { Principal } from '@wheelhouse/protocol/identity';
import type { Logger } from 'pino';
import type { Ledger } from '../ledger/ledger.ts';
import { Refusal } from '../problem/refusal.ts';
import type { ActionDeskParts } from './action-desk.ts';
import { mayRead, requireAsk, unknownAction } from './action-rights.ts';
import { type ActionRow, checkpointOf, powerOf } from './action-row.ts';
import { digestOf } from './bound-call.ts';
import { askerOf } from './verdict-desk.ts';

type Parts = Pick<ActionDeskParts, 'book' | 'scribe' | 'gate' | 'court'> & {
  readonly ledger: Pick<Ledger, 'lastAbout'>;
  readonly now: () => number;
  readonly log: Logger;
};

/** Where whoever carries an action out asks for the last time: each permission is good once, for exactly what it was given for. */
export class UseDesk {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  check(by: Principal, id: string, call: ActionCheck): Promise<ActionChecked> {
    return this.#parts.book.inTurn(id, async () => {
      const row = await this.#parts.book.find(id);
      if (row === null || !mayRead(by, row)) throw unknownAction(id);
      requireAsk(by, row.tenant);
      const digest = digestOf({ ...call, checkpoint: checkpointOf(row.kind) });
      const permitted = this.#permitted(row);
      if (digest !== permitted)
        throw new Refusal(
          'other_digest',
          `This is not what ${row.state === 'allowed' ? 'policy allowed' : 'the human decided on'}: its digest is ${digest}, and ${permitted} may be carried out. Ask anew for what changed.`,
        );
      await this.#requireInLedger(row, permitted);
      return this.#use(row, call, digest);
    });
  }

  async #use(row: ActionRow, call: ActionCheck, digest: string): Promise<ActionChecked> {
    const { gate, scribe } = this.#parts;
    const latches = gate.latchesOn(row.session);
    if (latches.length > 0)
      throw new Refusal('policy_denied', `An order is in force on its session (${latches.join(', ')}): nothing of it is carried out.`);
    const request = gate.request(askerOf(row), gate.thingOf(row, call.arguments));
    const decision = gate.decide(request);
    const isAllowed = decision.verdict === 'allow' || (decision.verdict !== 'deny' && row.state !== 'allowed');
    if (!isAllowed)
      throw new Refusal(
        'policy_denied',
        `Policy says ${decision.verdict} by now (${decision.policies.join(', ') || decision.errors.join(' ')}). Ask anew, under a new id.`,
      );
    const at = await scribe.used(row, decision, { ...request, action: row.id, digest, carriedOut: true });
    if (at === null) throw usedBefore(row.id);
    return { id: row.id, digest, usedAt: at.toISOString() };
  }

  /** The digest of what may be carried out. Refuses where nothing may. */
  #permitted(row: ActionRow): string {
    const refused = refusalOf(row.state);
    if (refused !== null) throw refused;
    if (row.usedAt !== null) throw usedBefore(row.id);
    // An approval is good for as long as the question was: it must not lie about for years.
    const goodFor = row.expiresAt.getTime() - row.askedAt.getTime();
    const from = row.settled?.at ?? row.askedAt;
    if (this.#parts.now() > from.getTime() + goodFor)
      throw new Refusal(
        'expired',
        'It was allowed too long ago: a decision is good for as long as its question was. Ask anew, under a new id.',
      );
    return row.settled?.editedDigest ?? row.digest;
  }

  /** What may be done is what the ledger says, not what a row says that somebody could have written. */
  async #requireInLedger(row: ActionRow, permitted: string): Promise<void> {
    const { ledger, log } = this.#parts;
    const asked = await ledger.lastAbout('action.asked', row.id);
    const decided = row.state === 'allowed' ? null : await ledger.lastAbout('action.decided', row.id);
    const isAsked =
      asked?.id === row.entry && asked.data.digest === row.digest && asked.data.tool === row.tool && asked.data.what === row.kind;
    const said = decided?.data;
    const isAllowed =
      row.state === 'allowed'
        ? asked?.data.outcome === 'allowed'
        : said?.outcome === row.state && said.digest === row.digest && (said.edited ?? said.digest) === permitted;
    if (isAsked && isAllowed) {
      this.#requireVotes(row, said?.proposal);
      return;
    }
    log.error({ action: row.id }, 'the database has an action otherwise than the ledger: it may not be carried out');
    throw new Refusal(
      'policy_denied',
      'The ledger does not have this decision as the database has it. It may not be carried out; an operator has to look.',
    );
  }

  /** What policy or one human let pass before there was a charter takes its votes by now. */
  #requireVotes(row: ActionRow, proposal: string | undefined): void {
    const power = powerOf(row);
    if (power === null || proposal === row.id || !this.#parts.court.inForce) return;
    throw new Refusal(
      'charter_in_force',
      `It was allowed before a charter was in force, which asks for the votes of ${power}. Ask anew, under a new id.`,
    );
  }
}

function usedBefore(id: string): Refusal {
  return new Refusal('conflict', `Action ${id} was carried out before. A permission is good once; ask anew, under a new id.`);
}

function refusalOf(state: ActionState): Refusal | null {
  switch (state) {
    case 'allowed':
    case 'approved':
    case 'edited':
      return null;
    case 'pending':
      return new Refusal('not_ready', 'It still waits for a human. GET /v1/actions/:id?wait=30 answers when that has changed.');
    case 'denied':
      return new Refusal('policy_denied', 'Policy denied it.');
    case 'rejected':
      return new Refusal('policy_denied', 'A human rejected it.');
    case 'answered':
      return new Refusal(
        'policy_denied',
        'A human answered in the place of the tool: it is not to be carried out. The answer is in the action.',
      );
    case 'expired':
      return new Refusal('expired', 'Nobody decided in time. Ask anew, under a new id.');
    case 'withdrawn':
      return new Refusal('policy_denied', 'It was withdrawn.');
  }
}
