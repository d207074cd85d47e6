import type { ReportName } from '@wheelhouse/protocol/export';
import type { NameOf, ReportEntry } from './report-entry.ts';

export type Cell = string | number | null;
export type Column = { readonly key: string; readonly title: string; readonly align?: 'right' };

/** A table of a report. `leftOut` counts rows beyond what a report holds; `none` is said where there is no row. */
export type Table = {
  readonly title: string;
  readonly note?: string;
  readonly columns: readonly Column[];
  readonly rows: readonly (readonly Cell[])[];
  readonly leftOut: number;
  readonly none: string;
};

/** One line of a summary. */
export type Fact = { readonly label: string; readonly value: Cell };

/** What a report says, before anybody has decided how it looks. Its first table is the register that its CSV holds. */
export type ReportBody = {
  readonly name: ReportName;
  readonly title: string;
  /** What it is for, in a sentence or two. */
  readonly about: string;
  readonly facts: readonly Fact[];
  readonly tables: readonly Table[];
};

/** One subject of a report, computed while entries stream past in the ledger's order. Memory grows with the acts of people, not with ticks. */
export type Section = {
  readonly take: (entry: ReportEntry) => void;
  readonly facts: () => readonly Fact[];
  readonly tables: () => readonly Table[];
};

export type ReportOptions = {
  readonly nameOf: NameOf;
  /** Entries were chosen by kind or deployment or the like, so that what lies between two of a session may have been left out. */
  readonly partial: boolean;
  /** Reads the seats off a charter's text, null for what is no charter: what a charter means is another room's business. */
  readonly seatsOf?: ((charterText: string) => readonly CharterSeat[] | null) | undefined;
};

/** A seat as a charter's text has it; times in ISO 8601. */
export type CharterSeat = {
  readonly seat: string;
  readonly holder: string | null;
  readonly alternates: readonly string[];
  readonly term: { readonly from: string; readonly until: string } | null;
};

/** Rows that a table holds. */
export const MAX_ROWS = 5000;

/** Rows as they come, up to what a table holds. */
export class Rows {
  readonly #rows: (readonly Cell[])[] = [];
  #leftOut = 0;

  add(row: readonly Cell[]): void {
    if (this.#rows.length < MAX_ROWS) this.#rows.push(row);
    else this.#leftOut += 1;
  }

  table(parts: Omit<Table, 'rows' | 'leftOut'>): Table {
    return { ...parts, rows: this.#rows, leftOut: this.#leftOut };
  }
}

/** Counts by name, most first. */
export class Tally {
  readonly #counts = new Map<string, number>();

  add(name: string, by = 1): void {
    this.#counts.set(name, (this.#counts.get(name) ?? 0) + by);
  }

  get total(): number {
    return [...this.#counts.values()].reduce((sum, count) => sum + count, 0);
  }

  rows(): [string, number][] {
    return [...this.#counts].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1));
  }
}
