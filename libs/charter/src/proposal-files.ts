import type { Vote } from '@wheelhouse/protocol/charter';
import type { Actor } from '@wheelhouse/protocol/identity';
import type { EntryOf } from '@wheelhouse/protocol/ledger-entry';
import type { Preview, ProposedAct, Signed } from '@wheelhouse/protocol/proposed-act';
import { approvalUsedBy, type CharterEntry, personBehind, timeOf, msOf } from './charter-kinds.ts';
import type { ProposalEvent } from './decide-proposal.ts';
import { evolveProposal } from './evolve-proposal.ts';
import type { Proposal, ProposalLife } from './proposal.ts';

/** How a vote came about, besides what it says. */
export type VoteNote = {
  readonly reason: string;
  readonly signed: Signed;
  readonly seconds: number;
  readonly evidence: boolean;
  readonly entry: number;
  readonly entryId: string;
};

/** Everything that the ledger knows of one proposal. */
export type ProposalFile = {
  readonly act: ProposedAct;
  readonly preview: Preview;
  readonly reason: string;
  /** Commits to whether it is for practice. */
  readonly seal: string;
  readonly proposer: Actor;
  readonly entry: number;
  readonly entryId: string;
  readonly conflicts: Set<string>;
  readonly votes: Map<string, VoteNote>;
  life: ProposalLife;
  /** The salt that opens the seal of one that was for practice; null while that is not known, and of all others. */
  practiceSalt: string | null;
  /** How it ended, and the entry that says so. */
  ended: { readonly at: number; readonly because: string; readonly entry: number } | null;
};

/** The file of each proposal, folded from the ledger. Entries are facts: they are applied, not judged. */
export class ProposalFiles {
  readonly #files = new Map<string, ProposalFile>();
  /** Those that are open or passed. */
  readonly #pending = new Map<string, ProposalFile>();

  get(proposal: string): ProposalFile | undefined {
    return this.#files.get(proposal);
  }

  /** In the order in which they were opened. */
  all(): Iterable<ProposalFile> {
    return this.#files.values();
  }

  pending(): Iterable<ProposalFile> {
    return this.#pending.values();
  }

  get pendingCount(): number {
    return this.#pending.size;
  }

  take(index: number, entry: CharterEntry): void {
    const used = approvalUsedBy(entry);
    if (used !== null) this.#apply(used, { type: 'executed', at: timeOf(entry) }, { because: 'It took effect.', entry: index });
    switch (entry.kind) {
      case 'proposal.opened':
        this.#open(index, entry);
        return;
      case 'vote.cast':
        this.#vote(index, entry);
        return;
      case 'conflict.declared':
        this.#files.get(entry.data.proposal)?.conflicts.add(personBehind(entry));
        return;
      case 'proposal.passed': {
        const { proposal, passedAt, executeBy } = entry.data;
        this.#apply(proposal, { type: 'passed', passedAt: msOf(passedAt), executeBy: msOf(executeBy) }, null);
        return;
      }
      case 'proposal.closed':
        this.#reveal(entry);
        this.#apply(entry.data.proposal, closing(entry), { because: entry.data.because, entry: index });
        return;
      default:
    }
  }

  #open(index: number, entry: EntryOf<'proposal.opened'>): void {
    const { proposal: id, power, act, preview, digest, about, authors, reason, seal } = entry.data;
    if (this.#files.has(id)) return;
    const proposal: Proposal = {
      id,
      power,
      proposer: personBehind(entry),
      digest,
      openedAt: timeOf(entry),
      charter: entry.charter ?? '',
      policy: entry.policy ?? '',
      subject: about,
      authors,
    };
    const life = evolveProposal(null, { type: 'opened', proposal });
    if (life === null) return;
    const file: ProposalFile = {
      ...{ act, preview, reason, seal, proposer: entry.by, entry: index, entryId: entry.id },
      ...{ conflicts: new Set<string>(), votes: new Map<string, VoteNote>(), life, practiceSalt: null, ended: null },
    };
    this.#files.set(id, file);
    this.#pending.set(id, file);
  }

  #reveal({ data: { proposal, practiceSalt } }: EntryOf<'proposal.closed'>): void {
    const file = this.#pending.get(proposal);
    if (file !== undefined && practiceSalt !== undefined) file.practiceSalt = practiceSalt;
  }

  #vote(index: number, entry: EntryOf<'vote.cast'>): void {
    const { proposal, vote: id, seat, choice, digest, reason, signed, seconds, evidence } = entry.data;
    const file = this.#files.get(proposal);
    if (file === undefined || file.votes.has(id)) return;
    file.votes.set(id, { reason, signed, seconds, evidence, entry: index, entryId: entry.id });
    const vote: Vote = { id, person: personBehind(entry), seat, choice, digest, reason, stepUp: true, at: timeOf(entry) };
    this.#apply(proposal, { type: 'voted', vote }, null);
  }

  /** A proposal ends once: what follows an end changes nothing. */
  #apply(proposal: string, event: ProposalEvent, end: { readonly because: string; readonly entry: number } | null): void {
    const file = this.#pending.get(proposal);
    const next = file === undefined ? null : evolveProposal(file.life, event);
    if (file === undefined || next === null) return;
    file.life = next;
    if (end === null) return;
    file.ended = { at: 'at' in next ? next.at : 0, ...end };
    this.#pending.delete(proposal);
  }
}

function closing(entry: EntryOf<'proposal.closed'>): ProposalEvent {
  const at = timeOf(entry);
  const { outcome, because, reason } = entry.data;
  switch (outcome) {
    case 'vetoed':
      return { type: 'vetoed', by: personBehind(entry), reason: because, at };
    case 'rejected':
      return { type: 'rejected', at };
    case 'expired':
      return { type: 'expired', stage: 'vote', at };
    case 'withdrawn':
      return { type: 'withdrawn', reason, at };
    case 'superseded':
      return { type: 'superseded', by: 'subject', at };
    case 'failed':
      return { type: 'failed', why: because, at };
  }
}
