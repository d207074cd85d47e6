/** `fault`: the record is broken, or it shows that a law was. `note`: something that a reader should know, and that happens to honest servers. */
export type Severity = 'fault' | 'note';

/**
 * Something that an audit found. `index` is the entry's place in the ledger, `session` the session concerned, `fromTick` and `toTick`
 * (both inclusive) the ticks concerned; `message` says it in words.
 */
export type Finding<Code extends string> = {
  readonly code: Code;
  readonly severity: Severity;
  readonly index?: number;
  readonly session?: string;
  readonly fromTick?: number;
  readonly toTick?: number;
  readonly message: string;
};

/** A finding as an audit reports it: a fault unless it says otherwise. */
export type NewFinding<Code extends string> = Omit<Finding<Code>, 'severity'> & { readonly severity?: Severity };

/**
 * Where an audit puts what it finds. Keeps the first `limit` of each severity and counts the rest, so that a ruined log cannot fill the
 * memory, nor many notes hide a fault.
 */
export type FindingList<Code extends string> = {
  readonly add: (finding: NewFinding<Code>) => void;
  readonly list: () => readonly Finding<Code>[];
  readonly suppressed: () => number;
  /** All faults, kept or not. */
  readonly faults: () => number;
};

/** The part of a list that an audit of fewer codes needs. */
export type FindingSink<Code extends string> = Pick<FindingList<Code>, 'add'>;

export function findingList<Code extends string>(limit: number): FindingList<Code> {
  const kept: Finding<Code>[] = [];
  const seen = { fault: 0, note: 0 };
  return {
    add: (finding) => {
      const { severity = 'fault' } = finding;
      seen[severity] += 1;
      if (seen[severity] <= limit) kept.push({ ...finding, severity });
    },
    list: () => kept,
    suppressed: () => seen.fault + seen.note - kept.length,
    faults: () => seen.fault,
  };
}
