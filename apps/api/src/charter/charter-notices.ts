import type { CharterEntry } from '@wheelhouse/charter/charter-kinds';
import type { GlassFile } from '@wheelhouse/charter/glass-files';
import type { ProposalFile } from '@wheelhouse/charter/proposal-files';
import type { MomentKind } from '@wheelhouse/charter/proposal-moments';
import type { Notice } from '../notices/notice.ts';
import type { CharterKeeper } from './charter-keeper.ts';
import type { ProposalViews } from './proposal-view.ts';

type Parts = {
  readonly keeper: CharterKeeper;
  readonly views: ProposalViews;
  readonly send: (notice: Notice, to: readonly string[]) => Promise<void>;
};

/**
 * Tells people what waits for them. A notice leaves the house, so it names the power and nothing that anybody typed: what it is about is behind its link.
 */
export class CharterNotices {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** A proposal was opened, got a vote or ended. */
  changed(file: ProposalFile): void {
    const { proposal, state, votes } = file.life;
    const path = `/approvals/${proposal.id}`;
    if (file.ended !== null) {
      const title = `A proposal for ${proposal.power} is ${state}.`;
      const people = [proposal.proposer, ...votes.map(({ person }) => person)];
      this.#send({ kind: 'proposal_closed', title, path, urgent: false, key: `closed/${proposal.id}` }, people);
      return;
    }
    this.wanted(file, 'vote_wanted');
  }

  /** Tells those who may vote now and have not; under a key of its own for each turn, so that nobody is told twice. */
  wanted(file: ProposalFile, kind: 'vote_wanted' | 'vote_reminder' | 'vote_escalated'): void {
    const { proposal } = file.life;
    const people = this.#parts.views.mayVoteNow(file);
    const title =
      kind === 'vote_wanted'
        ? `A proposal for ${proposal.power} waits for your vote.`
        : `A proposal for ${proposal.power} still waits for your vote.`;
    const urgent = kind === 'vote_escalated' || proposal.power === 'latch.release';
    this.#send({ kind, title, path: `/approvals/${proposal.id}`, urgent, key: `${kind}/${proposal.id}` }, people);
  }

  /** A moment of a proposal has come. */
  moment(file: ProposalFile, kind: MomentKind): void {
    if (kind === 'next_in_order') this.wanted(file, 'vote_wanted');
    if (kind === 'reminder') this.wanted(file, 'vote_reminder');
    if (kind !== 'escalation') return;
    this.wanted(file, 'vote_escalated');
    const { proposal } = file.life;
    const title = `A proposal for ${proposal.power} is about to run out of time.`;
    const notice = {
      kind: 'vote_escalated',
      title,
      path: `/approvals/${proposal.id}`,
      urgent: true,
      key: `running-out/${proposal.id}`,
    } as const;
    this.#send(notice, this.#seated());
  }

  /** A glass was broken, or its time box has ended. */
  glass(file: GlassFile): void {
    const { id, act, practice, broken, ended } = file;
    if (broken === null) return;
    const what = practice ? 'drill of a break glass' : 'break glass';
    if (ended === null) {
      const title = `A ${what} of ${act.power} took place without your vote.`;
      this.#send({ kind: 'glass_broken', title, path: '/approvals', urgent: !practice, key: `broken/${id}` }, broken.skipped);
    }
    const title = `A ${what} of ${act.power} has to be reviewed by ${new Date(broken.reviewDueAt).toISOString().slice(0, 16).replace('T', ' ')} UTC.`;
    const notice = { kind: 'glass_review_due', title, path: '/approvals', urgent: false, key: `review/${id}` } as const;
    this.#send(notice, this.#seated());
  }

  /** Reviews that are overdue; called now and then. */
  overdue(): void {
    const { keeper } = this.#parts;
    for (const { id, act } of keeper.record.glass.overdue(keeper.now())) {
      const title = `The review of a break glass of ${act.power} is overdue: the level ceiling is lowered until it is closed.`;
      this.#send({ kind: 'glass_review_overdue', title, path: '/approvals', urgent: true, key: `overdue/${id}` }, this.#seated());
    }
  }

  /** What happened to the charter and its seats. */
  entry(entry: CharterEntry): void {
    if (entry.kind === 'charter.adopted') {
      const title = `Version ${entry.data.version} of the charter is in force.`;
      const notice = { kind: 'charter_adopted', title, path: '/charter', urgent: false, key: `adopted/${entry.data.name}` } as const;
      this.#send(notice, [...(this.#parts.keeper.record.inForce?.charter.people.keys() ?? [])]);
    }
    if (entry.kind === 'handover.announced') {
      const title = `Seat ${entry.data.seat} is handed over to you; it waits for you to accept it.`;
      this.#send({ kind: 'handover_waiting', title, path: '/charter', urgent: false, key: `handover/${entry.id}` }, [entry.data.to]);
    }
    if (entry.kind !== 'seat.appointed' && entry.kind !== 'seat.recalled' && entry.kind !== 'seat.left') return;
    const title = `Seat ${entry.data.seat} has changed.`;
    this.#send({ kind: 'seat_changed', title, path: '/charter', urgent: false, key: `seat/${entry.id}` }, this.#seated());
  }

  /** Everybody who represents or stands for a seat. */
  #seated(): string[] {
    return [...(this.#parts.keeper.record.inForce?.charter.people.keys() ?? [])];
  }

  #send(notice: Notice, to: readonly string[]): void {
    if (to.length > 0) void this.#parts.send(notice, [...new Set(to)]);
  }
}
