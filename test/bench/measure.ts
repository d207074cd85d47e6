import { build, type Histogram } from 'hdr-histogram-js';

/** Units of what is printed. Times are kept in nanoseconds and shown in the unit that the goal is written in. */
export type Unit = 'ns' | 'us' | 'ms' | 's' | 'KiB' | 'MiB' | 'x' | 'frames' | 'sessions' | '%' | '/s';

const NS: Partial<Record<Unit, number>> = { ns: 1, us: 1e3, ms: 1e6, s: 1e9 };
const MOST_NS = 600e9;

/** Latencies in an HDR histogram of nanoseconds, three significant digits, up to ten minutes. */
export class Latencies {
  readonly #histogram: Histogram = build({
    lowestDiscernibleValue: 1,
    highestTrackableValue: MOST_NS,
    numberOfSignificantValueDigits: 3,
    bitBucketSize: 64,
  });
  #max = 0;

  addMs(ms: number): void {
    const ns = Math.min(MOST_NS, Math.max(0, Math.round(ms * 1e6)));
    this.#histogram.recordValue(ns);
    this.#max = Math.max(this.#max, ns);
  }

  get n(): number {
    return this.#histogram.totalCount;
  }

  /** The value at a percentile, in `unit`. */
  at(percentile: number, unit: Unit): number {
    return (this.n === 0 ? 0 : this.#histogram.getValueAtPercentile(percentile)) / (NS[unit] ?? 1);
  }

  max(unit: Unit): number {
    return this.#max / (NS[unit] ?? 1);
  }
}

export const PERCENTILES = ['p50', 'p99', 'p99.9'] as const;
export type Percentile = (typeof PERCENTILES)[number];

/** What a row is held to. `least` and `most` are for single figures, the percentiles for latencies; in the row's unit. */
export type Goals = Partial<Record<Percentile | 'least' | 'most', number>>;

/** `kind` of a row: a spread of latencies, one figure, a count that has to be 0, or something that could not be measured. */
export type Row = { readonly part: string; readonly name: string; readonly note?: string } & (
  | { readonly kind: 'spread'; readonly unit: Unit; readonly latencies: Latencies; readonly goals?: Goals }
  | {
      readonly kind: 'figure';
      readonly unit: Unit;
      readonly value: number;
      readonly n?: number;
      readonly goals?: Goals;
      readonly tail?: boolean;
    }
  | { readonly kind: 'exact'; readonly unit: Unit; readonly value: number; readonly n: number }
  | { readonly kind: 'absent'; readonly why: string }
);

export type Verdict = 'met' | 'missed' | 'noisy: not judged' | 'too few samples' | 'not measured' | '';

/** So many samples at least, for a percentile to say anything about its goal. */
const FEWEST: Record<Percentile, number> = { p50: 5, p99: 100, 'p99.9': 1000 };
const PERCENT: Record<Percentile, number> = { p50: 50, p99: 99, 'p99.9': 99.9 };

/**
 * Holds a row to its goals. On a noisy machine medians, CPU time, ratios, sizes and exactness are judged and tails are not: what they show
 * there is the machine.
 */
export function verdictOf(row: Row, noisy: boolean): Verdict {
  switch (row.kind) {
    case 'absent':
      return 'not measured';
    case 'exact':
      if (row.value !== 0) return 'missed';
      // Nothing came of what was silent anyway: that proves nothing.
      return row.n === 0 ? 'too few samples' : 'met';
    case 'figure': {
      const { least, most } = row.goals ?? {};
      if (least === undefined && most === undefined) return '';
      if (row.tail === true && noisy) return 'noisy: not judged';
      return (least === undefined || row.value >= least) && (most === undefined || row.value <= most) ? 'met' : 'missed';
    }
    case 'spread':
      return verdictOfSpread(row.latencies, { unit: row.unit, goals: row.goals ?? {} }, noisy);
  }
}

function verdictOfSpread(latencies: Latencies, { unit, goals }: { unit: Unit; goals: Goals }, noisy: boolean): Verdict {
  const judged = PERCENTILES.filter((percentile) => goals[percentile] !== undefined);
  if (judged.length === 0) return '';
  const seen = judged.map((percentile): Verdict => {
    if (latencies.n < FEWEST[percentile]) return 'too few samples';
    if (latencies.at(PERCENT[percentile], unit) <= (goals[percentile] ?? 0)) return 'met';
    return noisy && percentile !== 'p50' ? 'noisy: not judged' : 'missed';
  });
  for (const verdict of ['missed', 'noisy: not judged', 'too few samples'] as const) if (seen.includes(verdict)) return verdict;
  return 'met';
}

/** The middle of some figures; 0 of none. */
export function median(figures: readonly number[]): number {
  const sorted = figures.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? (sorted[middle] ?? 0) : ((sorted[middle - 1] ?? 0) + (sorted[middle] ?? 0)) / 2;
}
