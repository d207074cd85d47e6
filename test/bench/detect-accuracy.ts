import { precisionOf, readTestSet, recallOf, score, type Score } from '@wheelhouse/detect/test-set.fixture';
import { findingsIn } from '@wheelhouse/detect/text-findings';

const ROUNDS = 20;

/** How the text patterns do on their test set (libs/detect/test-set): `node test/bench/detect-accuracy.ts [--misses]`. */
function print(title: string, scores: readonly Score[]): void {
  console.log(`\n${title}\n${'kind'.padEnd(14)}${'in the set'.padStart(12)}${'precision'.padStart(12)}${'recall'.padStart(9)}`);
  for (const one of scores) {
    const there = one.right + one.missed;
    if (there + one.wrong === 0) continue;
    console.log(
      `${one.what.padEnd(14)}${String(there).padStart(12)}${precisionOf(one).toFixed(3).padStart(12)}${recallOf(one).toFixed(3).padStart(9)}`,
    );
  }
}

const lines = readTestSet();
const fresh = lines.filter(({ file }) => file === 'fresh.jsonl');
const tuned = lines.filter(({ file }) => file !== 'fresh.jsonl');
const [first, second] = [score(tuned, findingsIn), score(fresh, findingsIn)];
print(`${tuned.length} lines that the patterns were made with`, first.scores);
print(`${fresh.length} lines written after`, second.scores);

const costs = new Map<string, number[]>();
for (let round = 0; round < ROUNDS; round += 1) {
  for (const [name, some] of [
    ['lines with something in them', lines.filter(({ found }) => found.length > 0)],
    ['lines that only look so', lines.filter(({ found }) => found.length === 0)],
  ] as const) {
    const from = process.cpuUsage();
    for (const { text } of some) findingsIn(text);
    const { user, system } = process.cpuUsage(from);
    costs.set(name, [...(costs.get(name) ?? []), (user + system) / some.length]);
  }
}
console.log('\nCPU a scan, median of rounds');
for (const [name, all] of costs)
  console.log(`${name.padEnd(30)}${(all.toSorted((a, b) => a - b)[ROUNDS >> 1] ?? 0).toFixed(1).padStart(8)} us`);
if (process.argv.includes('--misses')) for (const miss of [...first.misses, ...second.misses]) console.log(miss);
