import { actInWords } from './acts-in-words.ts';
import { NOT_SHOWN, numberIn, spanBetween, textIn, timeOf, whoIn } from './report-entry.ts';
import type { NameOf, ReportEntry } from './report-entry.ts';
import { Rows } from './report.ts';
import type { Cell, Column, Fact, Table } from './report.ts';

/** A proposal as it goes. `votes` counts each choice; `signed` those whose signature is shown. */
type Open = {
  readonly cells: readonly Cell[];
  readonly at: string | null;
  readonly votes: { yes: number; no: number; veto: number };
  cast: number;
  signed: number;
  passed: boolean;
};

/** Kinds that carry out what a proposal was for: they name it, and use it up. */
const EFFECTS: ReadonlySet<string> = new Set([
  ...['latch.released', 'subject.erased', 'export.confirmed', 'charter.adopted'],
  ...['seat.appointed', 'seat.recalled', 'access.granted', 'glass.reviewed', 'key.rotated', 'policy.adopted', 'action.decided'],
]);

const VOTE_COLUMNS: readonly Column[] = [
  { key: 'entry', title: 'Entry', align: 'right' },
  { key: 'time', title: 'Time (UTC)' },
  { key: 'proposal', title: 'Proposal' },
  { key: 'by', title: 'By' },
  { key: 'seat', title: 'Seat' },
  { key: 'choice', title: 'Choice' },
  { key: 'reason', title: 'Reason' },
  { key: 'seconds', title: 'In view (s)', align: 'right' },
  { key: 'evidence', title: 'Evidence' },
  { key: 'signature', title: 'Signature' },
];

/** Proposals and the votes on them, for the register of approvals: what decided permissive acts once a charter is in force. */
export class Proposals {
  readonly #nameOf: NameOf;
  readonly #open = new Map<string, Open>();
  /** Those that have been opened, also when they have ended: what else the entries say under the same id is said of them. */
  readonly #known = new Set<string>();
  readonly #votes = new Rows();
  readonly #decided: (cells: readonly Cell[]) => void;
  readonly #count = { proposals: 0, executed: 0, ended: 0, votes: 0 };

  /** `decided` gets the row of each proposal that has ended, in the columns of the register. */
  constructor(nameOf: NameOf, decided: (cells: readonly Cell[]) => void) {
    this.#nameOf = nameOf;
    this.#decided = decided;
  }

  knows(id: string | null): boolean {
    return id !== null && this.#known.has(id);
  }

  /** Takes an entry. Whether it was about a proposal: then nothing else is to be made of it. */
  take(entry: ReportEntry): boolean {
    const id = textIn(entry, 'data.proposal');
    if (id === null) return false;
    if (entry.kind === 'proposal.opened') this.#opened(id, entry);
    else if (entry.kind === 'vote.cast') this.#vote(id, entry);
    else if (entry.kind === 'proposal.passed') this.#passed(id);
    else if (entry.kind === 'proposal.closed') {
      this.#count.ended += 1;
      const practice = textIn(entry, 'data.practiceSalt') === null ? '' : ' (practice)';
      this.#end(id, entry, `${textIn(entry, 'data.outcome') ?? NOT_SHOWN}${practice}`);
    } else if (EFFECTS.has(entry.kind)) {
      this.#count.executed += 1;
      this.#end(id, entry, 'carried out');
    }
    return true;
  }

  facts(): Fact[] {
    const { proposals, executed, ended, votes } = this.#count;
    return [
      { label: 'Proposals', value: proposals },
      { label: 'Carried out by a quorum', value: executed },
      { label: 'Proposals that ended without effect', value: ended },
      { label: 'Votes cast', value: votes },
    ];
  }

  /** Rows of those that have not ended. */
  waiting(): Cell[][] {
    return [...this.#open.values()].map((open) => [
      ...open.cells,
      open.passed ? 'passed' : 'open',
      talliedIn(open),
      null,
      null,
      signedIn(open),
    ]);
  }

  votesTable(): Table {
    return this.#votes.table({
      title: 'Votes',
      note: 'Each vote is signed by a passkey of the voter over the digest of the proposal, the seat and the choice. wheelhouse verify checks the signatures; this table only says which are shown.',
      columns: VOTE_COLUMNS,
      none: 'No vote was cast in this period.',
    });
  }

  #opened(id: string, entry: ReportEntry): void {
    this.#count.proposals += 1;
    this.#known.add(id);
    const reason = textIn(entry, 'data.reason') ?? NOT_SHOWN;
    const cells = [entry.index, timeOf(entry), actInWords(entry, this.#nameOf), whoIn(entry, this.#nameOf), reason];
    this.#open.set(id, { cells, at: textIn(entry, 'time'), votes: { yes: 0, no: 0, veto: 0 }, cast: 0, signed: 0, passed: false });
  }

  #vote(id: string, entry: ReportEntry): void {
    this.#count.votes += 1;
    const open = this.#open.get(id);
    const choice = textIn(entry, 'data.choice') ?? NOT_SHOWN;
    const isSigned = entry.fields['data.signed'] !== undefined;
    if (open !== undefined) {
      open.cast += 1;
      if (isSigned) open.signed += 1;
      if (choice === 'yes' || choice === 'no' || choice === 'veto') open.votes[choice] += 1;
    }
    const evidence = entry.fields['data.evidence'];
    this.#votes.add([
      ...[entry.index, timeOf(entry), id, whoIn(entry, this.#nameOf), textIn(entry, 'data.seat') ?? NOT_SHOWN, choice],
      ...[textIn(entry, 'data.reason') ?? NOT_SHOWN, numberIn(entry, 'data.seconds')],
      evidence === true ? 'opened' : evidence === false ? 'not opened' : NOT_SHOWN,
      isSigned ? 'passkey' : NOT_SHOWN,
    ]);
  }

  #passed(id: string): void {
    const open = this.#open.get(id);
    if (open !== undefined) open.passed = true;
  }

  #end(id: string, entry: ReportEntry, outcome: string): void {
    const open = this.#open.get(id);
    this.#open.delete(id);
    const before = open?.cells ?? [null, BEFORE, entry.kind, BEFORE, BEFORE];
    const by = open === undefined ? BEFORE : talliedIn(open);
    const after = spanBetween(open?.at ?? null, textIn(entry, 'time'));
    this.#decided([...before, outcome, by, after, entry.index, open === undefined ? NOT_SHOWN : signedIn(open)]);
  }
}

/** What stands for what an entry before the period says. */
export const BEFORE = '(before this period)';

function talliedIn({ votes: { yes, no, veto } }: Open): string {
  return `${yes} yes, ${no} no${veto === 0 ? '' : `, ${veto} veto`}`;
}

function signedIn({ cast, signed }: Open): string {
  return cast === 0 ? 'no vote' : `${signed} of ${cast} votes signed by passkey`;
}
