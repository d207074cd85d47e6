import { type CharterFile, POWERS } from '@wheelhouse/protocol/charter';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { analyse } from './analyse.ts';
import { anyCharterFile, FROM_TEXT } from './any-charter.fixture.ts';
import { canExercise } from './chains.ts';
import { faultsOf } from './charter-faults.ts';
import { charterOf } from './charter-of.ts';
import { coalitionModel } from './coalition-model.ts';
import { parseInstant } from './instant.ts';
import { reachableBySmallSteps } from './small-steps.fixture.ts';

const FROM = parseInstant(FROM_TEXT) ?? Number.NaN;

function subsets(people: readonly string[]): readonly (readonly string[])[] {
  return people.reduce<readonly (readonly string[])[]>((all, person) => all.flatMap((set) => [set, [...set, person]]), [[]]);
}

describe('the coalition analysis', () => {
  it('agrees with the brute-force model on what every coalition of small charters can do', { timeout: 600_000 }, () => {
    fc.assert(
      fc.property(anyCharterFile(5), (file) => {
        expect(faultsOf(file)).toEqual([]);
        compare(file);
      }),
      { numRuns: 1500, interruptAfterTimeLimit: 500_000, markInterruptAsFailure: true },
    );
  });

  it('agrees with it on charters of six people', { timeout: 600_000 }, () => {
    fc.assert(fc.property(anyCharterFile(6), compare), { numRuns: 100, interruptAfterTimeLimit: 500_000, markInterruptAsFailure: true });
  });
});

function compare(file: CharterFile): void {
  const charter = charterOf(file);
  const model = coalitionModel(charter, FROM);
  const report = analyse(charter, { from: FROM, examples: 1000, budget: 100_000 });
  const sets = subsets(model.people);
  const reached = new Map(sets.map((set) => [set.join(), reachableBySmallSteps(file, new Set(set), FROM_TEXT)]));
  const can = (set: readonly string[], power: (typeof POWERS)[number]) => reached.get(set.join())?.has(power) === true;
  for (const power of report.powers) {
    const able = sets.filter((set) => can(set, power.power));
    for (const set of sets) {
      const mask = set.reduce((bits, person) => bits | (1n << BigInt(model.people.indexOf(person))), 0n);
      expect([power.power, set, canExercise(model, power.power, mask)]).toEqual([power.power, set, can(set, power.power)]);
    }
    const minimal = able.filter((set) =>
      set.every(
        (person) =>
          !can(
            set.filter((p) => p !== person),
            power.power,
          ),
      ),
    );
    const key = (set: readonly string[]) => set.join();
    expect(power.minimal.complete).toBe(true);
    expect(power.minimal.count).toBe(minimal.length);
    expect(power.minimal.examples.map(key).sort()).toEqual(minimal.map(key).sort());
    expect(power.smallest).toBe(able.length === 0 ? null : Math.min(...able.map((set) => set.length)));
    expect(power.autocrats).toEqual(model.people.filter((person) => can([person], power.power)));
    const needed = model.people.filter(
      (person) =>
        !can(
          model.people.filter((p) => p !== person),
          power.power,
        ),
    );
    expect(power.indispensable).toEqual(able.length === 0 ? [] : needed);
  }
}
