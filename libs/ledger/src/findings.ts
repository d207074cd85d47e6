/**
 * Something that an audit found wrong. `index` is the entry's place in the ledger, `session` the session concerned, `fromTick` and `toTick`
 * (both inclusive) the ticks concerned; `message` says it in words.
 */
export type Finding<Code extends string> = {
  readonly code: Code;
  readonly index?: number;
  readonly session?: string;
  readonly fromTick?: number;
  readonly toTick?: number;
  readonly message: string;
};

/** Where an audit puts what it finds. Keeps the first `limit` and counts the rest, so that a ruined log cannot fill the memory. */
export type FindingList<Code extends string> = {
  readonly add: (finding: Finding<Code>) => void;
  readonly list: () => readonly Finding<Code>[];
  readonly suppressed: () => number;
};

/** The part of a list that an audit of fewer codes needs. */
export type FindingSink<Code extends string> = Pick<FindingList<Code>, 'add'>;

export function findingList<Code extends string>(limit: number): FindingList<Code> {
  const kept: Finding<Code>[] = [];
  let suppressed = 0;
  return {
    add: (finding) => {
      if (kept.length < limit) kept.push(finding);
      else suppressed += 1;
    },
    list: () => kept,
    suppressed: () => suppressed,
  };
}
