import type { PowerId } from '@wheelhouse/protocol/charter';
import type { Principal } from '@wheelhouse/protocol/identity';
import type { ProposalRequest } from '@wheelhouse/protocol/proposal';
import { Refusal } from '../problem/refusal.ts';
import type { CharterKeeper } from './charter-keeper.ts';
import type { ProposalDesk } from './proposal-desk.ts';

/**
 * The way to the proposals for those desks whose permissive acts become proposals once a charter is in force. They are built before the proposals, which
 * act through them; `sit` brings both together.
 */
export class Court {
  readonly #keeper: CharterKeeper;
  #desk: ProposalDesk | null = null;

  constructor(keeper: CharterKeeper) {
    this.#keeper = keeper;
  }

  sit(desk: ProposalDesk): void {
    this.#desk = desk;
  }

  /** Whether a charter is in force: then a quorum decides, and the rule of two people does not any more. */
  get inForce(): boolean {
    return this.#keeper.record.inForce !== null;
  }

  /** What this power takes now: nothing while there is no charter; its votes; or that another charter is adopted, where this one lists it for nobody. */
  asksFor(power: PowerId): 'nothing' | 'votes' | 'another charter' {
    const { inForce } = this.#keeper.record;
    if (inForce === null) return 'nothing';
    return inForce.charter.powers.has(power) ? 'votes' : 'another charter';
  }

  /** Whether there is a proposal of this id that has not ended. */
  isOpen(proposal: string): boolean {
    return this.#keeper.record.proposals.get(proposal)?.ended === null;
  }

  /** Whether there is a proposal of this id. */
  has(proposal: string): boolean {
    return this.#keeper.record.proposals.get(proposal) !== undefined;
  }

  async propose(principal: Principal, request: ProposalRequest): Promise<void> {
    await this.#sitting().open(principal, request);
  }

  async withdraw(principal: Principal, proposal: string): Promise<void> {
    await this.#sitting().withdraw(principal, proposal, '');
  }

  /** Refuses what one more person could once allow. `instead` says where it is decided now. */
  refuseOneMore(instead: string): void {
    if (this.inForce)
      throw new Refusal('charter_in_force', `A charter is in force, so one more person is not enough: ${instead} takes the votes.`);
  }

  #sitting(): ProposalDesk {
    if (this.#desk === null) throw new Refusal('stopping', 'Proposals are not taken yet. Try again in a moment.');
    return this.#desk;
  }
}
