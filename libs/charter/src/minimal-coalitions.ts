import type { Coalition } from './coalition-model.ts';

/**
 * Coalitions that can do a thing and lose it with any one member. `complete` false: the search was cut off, `count` is unknown (null) and
 * `examples` are some of them; else `examples` are the first, or all where there are no more than asked for.
 */
export type MinimalCoalitions = {
  readonly complete: boolean;
  readonly count: number | null;
  readonly examples: readonly Coalition[];
};

export type Search = {
  readonly groups: readonly (readonly number[])[];
  /** Whether a coalition can: the more people, the more it can. */
  readonly can: (coalition: Coalition) => boolean;
  /** No minimal coalition has more people. */
  readonly largest: number;
  /** Whether to give up, given how many questions of `can` were asked. */
  readonly isEnough: (asked: number) => boolean;
  readonly examples: number;
};

/** Finds the minimal coalitions: walks over how many of each group of interchangeable people take part, and counts each pattern at once. */
export function minimalCoalitions({ groups, can, largest, isEnough, examples }: Search): MinimalCoalitions {
  const counts = groups.map(() => 0);
  const patterns: (readonly number[])[] = [];
  let asked = 0;
  const search = { complete: true };
  const ask = (coalition: Coalition) => {
    asked += 1;
    return can(coalition);
  };
  /** Chooses for the groups from `i` on; true when the choice so far can do it already. */
  const visit = (i: number, size: number): boolean => {
    if (isEnough(asked)) search.complete = false;
    if (!search.complete) return false;
    if (ask(patternMask(groups, counts))) {
      if (isMinimal(groups, counts, ask)) patterns.push([...counts]);
      return true;
    }
    const group = groups[i];
    if (group === undefined || size >= largest) return false;
    if (!ask(patternMask(groups, counts) | restMask(groups, i))) return false;
    for (let count = 0; count <= group.length && size + count <= largest; count += 1) {
      counts[i] = count;
      if (visit(i + 1, size + count)) break;
    }
    counts[i] = 0;
    return false;
  };
  visit(0, 0);
  const { complete } = search;
  const found = patterns.flatMap((pattern) => expand(groups, pattern, examples)).slice(0, complete ? undefined : examples);
  const count = complete ? patterns.reduce((sum, pattern) => sum + waysOf(groups, pattern), 0) : null;
  return { complete, count, examples: found.sort((a, b) => sizeOf(a) - sizeOf(b)).slice(0, examples) };
}

/** The pattern's coalition of the first members of each group; which ones does not matter. */
function patternMask(groups: Search['groups'], counts: readonly number[]): Coalition {
  let mask = 0n;
  for (const [i, group] of groups.entries()) for (const person of group.slice(0, counts[i] ?? 0)) mask |= 1n << BigInt(person);
  return mask;
}

function restMask(groups: Search['groups'], from: number): Coalition {
  return groups
    .slice(from)
    .flat()
    .reduce((mask, person) => mask | (1n << BigInt(person)), 0n);
}

function isMinimal(groups: Search['groups'], counts: readonly number[], can: Search['can']): boolean {
  return counts.every((count, i) => count === 0 || !can(patternMask(groups, counts.with(i, count - 1))));
}

/** In how many ways a pattern can be filled with people. */
function waysOf(groups: Search['groups'], counts: readonly number[]): number {
  return counts.reduce((ways, count, i) => ways * choose(groups[i]?.length ?? 0, count), 1);
}

function choose(n: number, k: number): number {
  let ways = 1;
  for (let i = 1; i <= k; i += 1) ways = (ways * (n - k + i)) / i;
  return Math.round(ways);
}

/** The pattern's coalitions, at most `limit` of them. */
function expand(groups: Search['groups'], counts: readonly number[], limit: number): readonly Coalition[] {
  let coalitions: Coalition[] = [0n];
  for (const [i, group] of groups.entries()) {
    const subsets = subsetsOf(group, counts[i] ?? 0, limit);
    coalitions = coalitions.flatMap((coalition) => subsets.map((subset) => coalition | subset)).slice(0, limit);
  }
  return coalitions;
}

function subsetsOf(group: readonly number[], count: number, limit: number): readonly Coalition[] {
  if (count === 0) return [0n];
  const subsets: Coalition[] = [];
  for (const [i, person] of group.entries()) {
    if (subsets.length >= limit) break;
    for (const rest of subsetsOf(group.slice(i + 1), count - 1, limit - subsets.length)) subsets.push(rest | (1n << BigInt(person)));
  }
  return subsets;
}

export function sizeOf(coalition: Coalition): number {
  let size = 0;
  for (let rest = coalition; rest > 0n; rest &= rest - 1n) size += 1;
  return size;
}
