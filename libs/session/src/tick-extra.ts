import type { TickExtra } from '@wheelhouse/protocol/engine-tick';

/** Two parts of one tick's extra as one: what is said and what tools brought come one after the other, of the rest the later counts. */
export function joinExtra(before: Partial<TickExtra> | null, part: Partial<TickExtra>): Partial<TickExtra> {
  if (before === null) return part;
  return {
    ...before,
    ...part,
    results: [...(before.results ?? []), ...(part.results ?? [])],
    said: [...(before.said ?? []), ...(part.said ?? [])],
    hush: (before.hush ?? false) || (part.hush ?? false),
    respond: (before.respond ?? false) || (part.respond ?? false),
    ...heardOfBoth(before, part),
  };
}

/** Two say how much was heard: less is true, for what left and was not played was not heard either. */
function heardOfBoth(before: Partial<TickExtra>, part: Partial<TickExtra>): Pick<TickExtra, 'heardMs'> {
  const said = [before.heardMs, part.heardMs].filter((each) => each !== undefined);
  return said.length === 0 ? {} : { heardMs: Math.min(...said) };
}

export function wholeExtra(part: Partial<TickExtra>): TickExtra {
  return { results: [], hush: false, respond: false, said: [], ...part };
}
