import type { CharterFile } from '@wheelhouse/protocol/charter';
import type { Actor } from '@wheelhouse/protocol/identity';
import { ENTRY_VERSION, type EntryOf, LedgerEntry } from '@wheelhouse/protocol/ledger-entry';
import type { VoteChoice } from '@wheelhouse/protocol/proposal';
import type { ProposedAct } from '@wheelhouse/protocol/proposed-act';
import { CHARTER_KINDS, type CharterEntry } from './charter-kinds.ts';
import { CharterRecord } from './charter-record.ts';
import { decideProposal, type ProposalAct, type ProposalEvent } from './decide-proposal.ts';
import { instantText, parseInstant } from './instant.ts';
import type { ProposalFile } from './proposal-files.ts';
import { isRefusal } from './refusal.ts';

type Kind = (typeof CHARTER_KINDS)[number];

const SYSTEM: Actor = { kind: 'system', id: 'wheelhouse', role: 'system' };
const SIGNED = { credential: 'AA', authenticatorData: 'AA', clientData: 'AA', signature: 'AA' };
const NOTHING = { count: 0, first: [] };
const SUBJECT = 'c'.repeat(64);
const POLICY = 'policy/1';

export const START = parseInstant('2026-12-30') ?? 0;

/** A whole minute as entries bear times. */
export function isoOf(at: number): string {
  const [date = '', time = '00:00'] = instantText(at).split(' ');
  return `${date}T${time}:00.000Z`;
}

export function person(id: string): Actor {
  return { kind: 'person', id, role: 'operator' };
}

/**
 * The server's part in small: acts are decided by `decideProposal` under the record, and what was decided becomes entries that the record folds. Who
 * watches has the entries.
 */
export class RecordWorld {
  readonly record = new CharterRecord();
  readonly entries: CharterEntry[] = [];
  now = START;
  #ids = 0;

  id(): string {
    this.#ids += 1;
    return `0b7c0c0e-58a2-4d31-8f30-${this.#ids.toString(16).padStart(12, '0')}`;
  }

  add<K extends Kind>(kind: K, data: EntryOf<K>['data'], by: Actor): void {
    const rules = by.kind === 'system' ? {} : { policy: POLICY, charter: this.record.rules };
    const entry = LedgerEntry.parse({ v: ENTRY_VERSION, id: this.id(), time: isoOf(this.now), clock: 0, by, ...rules, kind, data });
    if (!isCharterEntry(entry)) throw new Error(`${kind} says nothing about the charter`);
    this.entries.push(entry);
    this.record.take(this.entries.length - 1, entry);
  }

  /** The ids of the proposals that have not ended. */
  get pending(): string[] {
    return [...this.record.proposals.pending()].map(({ life }) => life.proposal.id);
  }

  propose(by: Actor, act: ProposedAct): string {
    const proposal = this.id();
    const proposer = by.kind === 'key' ? (by.person ?? by.id) : by.id;
    const digest = proposal.replaceAll('-', '').padStart(64, 'd');
    const context = this.record.contextOf({ act, conflicts: new Set(), proposer }, { now: this.now, policy: POLICY, subject: SUBJECT });
    const opened = { id: proposal, power: act.power, proposer, digest, openedAt: 0, authors: [], subject: SUBJECT };
    const full = { ...opened, charter: this.record.rules, policy: POLICY };
    if (isRefusal(decideProposal(null, { type: 'open', proposal: full }, context))) return proposal;
    const preview = { title: '', lines: [], sessions: NOTHING, deployments: NOTHING };
    const said = { proposal, power: act.power, act, preview, digest, about: SUBJECT, authors: [], reason: 'so', seal: 'e'.repeat(64) };
    this.add('proposal.opened', said, by);
    return proposal;
  }

  vote(id: string, by: Actor, cast: { seat: string; choice: VoteChoice; digest?: string; vote?: string }): void {
    const file = this.record.proposals.get(id);
    if (file === undefined) return;
    const { seat, choice, digest = file.life.proposal.digest, vote = this.id() } = cast;
    const said = { id: vote, person: by.id, seat, choice, digest, reason: 'so', stepUp: true, at: this.now };
    const events = this.#decided(file, { type: 'vote', by, vote: said });
    if (events === null) return;
    this.add('vote.cast', { proposal: id, vote, seat, choice, digest, reason: 'so', signed: SIGNED, seconds: 1, evidence: true }, by);
    this.#write(file, events.slice(1));
  }

  look(id: string): void {
    const file = this.record.proposals.get(id);
    const events = file === undefined ? null : this.#decided(file, { type: 'look' });
    if (file !== undefined && events !== null) this.#write(file, events);
  }

  /** Tries to use an approval up; `digest` is what the executor believes was voted on. */
  execute(id: string, digest?: string): void {
    const file = this.record.proposals.get(id);
    if (file === undefined) return;
    const events = this.#decided(file, { type: 'execute', digest: digest ?? file.life.proposal.digest });
    if (events?.[0]?.type === 'executed') this.#effect(id, file.act);
    else this.#write(file, events ?? []);
  }

  #decided(file: ProposalFile, act: ProposalAct): readonly ProposalEvent[] | null {
    const { proposer } = file.life.proposal;
    const context = this.record.contextOf({ ...file, proposer }, { now: this.now, policy: POLICY, subject: SUBJECT });
    const answer = decideProposal(file.life, act, context);
    return isRefusal(answer) ? null : answer;
  }

  #write(file: ProposalFile, events: readonly ProposalEvent[]): void {
    const proposal = file.life.proposal.id;
    for (const event of events) {
      if (event.type === 'passed') {
        const times = { passedAt: isoOf(event.passedAt), executeBy: isoOf(event.executeBy) };
        this.add('proposal.passed', { proposal, ...times }, SYSTEM);
      } else if (event.type !== 'opened' && event.type !== 'voted' && event.type !== 'executed') {
        this.add('proposal.closed', { proposal, outcome: event.type, because: '', reason: '' }, SYSTEM);
      }
    }
  }

  #effect(proposal: string, act: ProposedAct): void {
    switch (act.power) {
      case 'charter.amend': {
        const version = (this.record.inForce?.version ?? 0) + 1;
        this.add('charter.adopted', { proposal, name: `charter ${version}`, version, charterText: act.text }, SYSTEM);
        return;
      }
      case 'seat.change': {
        const holder = act.holder === null ? {} : { holder: act.holder };
        this.add('seat.appointed', { proposal, seat: act.seat, alternates: act.alternates, ...holder }, SYSTEM);
        return;
      }
      case 'seat.recall':
        this.add('seat.recalled', { proposal, seat: act.seat }, SYSTEM);
        return;
      case 'latch.release':
        this.add('latch.released', { proposal, release: proposal, latch: act.latch, askedBy: '' }, SYSTEM);
        return;
      default:
        throw new Error(`this world has nothing that ${act.power} is exercised on`);
    }
  }
}

/** A charter's text in which alternates step in soon. Of two in three everything takes two votes, where there are the seats: what takes one is over at once. */
export function textOf(file: CharterFile): string {
  const demanding = Object.keys(file.people).length % 3 > 0;
  const from = [...new Set(Object.values(file.seats).map(({ body }) => body))];
  const quorum = { votes: 2, bodies: 1, from };
  // Releases ask for training in charters of four seats.
  const training = (id: string) => (id === 'latch.release' && Object.keys(file.seats).length > 3 ? { training: true } : {});
  const powers = Object.fromEntries(
    Object.entries(file.powers).map(([id, rule]) => [id, { ...rule, ...(demanding ? { quorum } : {}), ...training(id) }]),
  );
  return JSON.stringify({ ...file, powers, alternates: { onAbsence: true, noAnswerAfter: '4h' } });
}

function isCharterEntry(entry: LedgerEntry): entry is CharterEntry {
  return CHARTER_KINDS.some((kind) => kind === entry.kind);
}
