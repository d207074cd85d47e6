import { RULES_BEFORE_A_CHARTER } from '@wheelhouse/protocol/charter';
import type { Charter } from './charter.ts';
import { type CharterEntry, timeOf } from './charter-kinds.ts';
import { foundingCharter } from './founding-charter.ts';
import { GlassFiles } from './glass-files.ts';
import type { ProposalContext } from './decide-proposal.ts';
import { levelCeiling, type LevelCeiling } from './level-ceiling.ts';
import { type ProposalFile, ProposalFiles } from './proposal-files.ts';
import { readAdopted } from './read-charter.ts';
import { SeatFiles } from './seat-files.ts';
import { VotingKeyBook } from './voting-keys.ts';

/** A charter that was adopted: `name` is what entries call it by. */
export type AdoptedCharter = {
  readonly name: string;
  readonly version: number;
  readonly text: string;
  readonly charter: Charter;
  readonly adoptedAt: number;
  readonly proposal: string;
  readonly entry: number;
};

/** What is in force besides the charter, when something is decided. `now` in milliseconds since 1970. */
export type Moment = { readonly now: number; readonly policy: string; readonly subject: string };

/** What of a proposal its context depends on. */
export type Undecided = Pick<ProposalFile, 'act' | 'conflicts'> & { readonly proposer: string };

/**
 * The state of the charter: which one is in force, its seats, keys, proposals and broken glasses; folded from the ledger's entries in their order, by
 * the server and by whoever audits a bundle. Nothing but these entries goes into it.
 */
export class CharterRecord {
  readonly proposals = new ProposalFiles();
  readonly seats = new SeatFiles();
  readonly keys = new VotingKeyBook();
  readonly glass = new GlassFiles();
  readonly #adopted: AdoptedCharter[] = [];
  #latest = 0;

  get inForce(): AdoptedCharter | null {
    return this.#adopted.at(-1) ?? null;
  }

  /** Every charter that was adopted, the first one first. */
  get history(): readonly AdoptedCharter[] {
    return this.#adopted;
  }

  /** How entries name the rules that decide now. */
  get rules(): string {
    return this.inForce?.name ?? RULES_BEFORE_A_CHARTER;
  }

  /** The latest time that an entry bears, in milliseconds since 1970; 0 before the first. */
  get latest(): number {
    return this.#latest;
  }

  take(index: number, entry: CharterEntry): void {
    this.#latest = Math.max(this.#latest, timeOf(entry));
    this.proposals.take(index, entry);
    this.seats.take(entry);
    this.keys.take(index, entry);
    this.glass.take(index, entry);
    if (entry.kind !== 'charter.adopted') return;
    const { name, version, charterText: text, proposal } = entry.data;
    const reading = readAdopted(text);
    if (!reading.ok) throw new Error(`the charter ${name} that entry ${index} adopted can't be read`);
    this.#adopted.push({ name, version, text, charter: reading.charter, adoptedAt: timeOf(entry), proposal, entry: index });
  }

  /** What a proposal is decided under. Before the first charter there is only the founding of one, by everybody whom it seats. */
  contextOf({ act, conflicts, proposer }: Undecided, { now, policy, subject }: Moment): ProposalContext {
    const charter = this.inForce?.charter ?? foundingCharter(act, proposer);
    const { events: seatEvents, absences, delegations, trainings } = this.seats;
    const facts = { now, seatEvents, absences, delegations, trainings, conflicts, charter: this.rules, policy, subject };
    return { charter, facts };
  }

  /** What a proposal was decided under: as `contextOf`, by the charter that was in force when it was opened. */
  contextThen(undecided: Undecided & { readonly openedUnder: string }, moment: Moment): ProposalContext {
    const { openedUnder, act, proposer } = undecided;
    const context = this.contextOf(undecided, moment);
    if (openedUnder === this.rules) return context;
    const then = this.#adopted.find(({ name }) => name === openedUnder)?.charter ?? foundingCharter(act, proposer);
    return { charter: then, facts: { ...context.facts, seatEvents: [], charter: openedUnder } };
  }

  /** The highest level at which anything may run now; 5 before there is a charter. */
  ceilingAt(now: number): LevelCeiling {
    const charter = this.inForce?.charter;
    if (charter === undefined) return { level: 5, because: [] };
    const { events: seatEvents, absences } = this.seats;
    return levelCeiling(charter, { seatEvents, absences, overdueReviews: this.glass.overduePowers(now) }, now);
  }
}
