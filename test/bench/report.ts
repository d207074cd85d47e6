import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { type Goals, type Row, type Unit, verdictOf } from './measure.ts';
import type { Probe } from './probe.ts';

const FILE = path.resolve(import.meta.dirname, '../artifacts/bench.json');
const COLUMNS = ['measure', 'goal', 'n', 'p50', 'p99', 'p99.9', 'max', 'verdict'] as const;

/** The machine's state in a few lines, before anything is measured on it. */
export function printProbe(when: string, probe: Probe): void {
  const cores = probe.cores.map(
    ({ lostPercent, longestMs, gaps }) => `lost ${lostPercent.toFixed(2)} % in ${gaps} gaps, longest ${longestMs.toFixed(1)} ms`,
  );
  console.log(
    `machine ${when}: ${probe.cpu}, ${probe.cores.length} cores, Node ${process.versions.node}: ${probe.noisy ? 'NOISY, tails are not judged' : 'quiet'}`,
  );
  for (const [core, text] of cores.entries()) console.log(`  core ${core}: ${text}`);
}

export function printTable(rows: readonly Row[], noisy: boolean): void {
  const cells = rows.map((row) => cellsOf(row, noisy));
  const widths = COLUMNS.map((column, i) => Math.max(column.length, ...cells.map((line) => line[i]?.length ?? 0)));
  const print = (line: readonly string[]) => {
    const padded = line.map((cell, i) =>
      i === 0 || i === COLUMNS.length - 1 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0),
    );
    console.log(padded.join('  ').trimEnd());
  };
  console.log('');
  print(COLUMNS);
  print(widths.map((width) => '-'.repeat(width)));
  let part = '';
  for (const [i, row] of rows.entries()) {
    if (row.part !== part) console.log(`[${row.part}]`);
    part = row.part;
    print(cells[i] ?? []);
    if (row.note !== undefined) console.log(`      ${row.note}`);
  }
}

function cellsOf(row: Row, noisy: boolean): string[] {
  const verdict = verdictOf(row, noisy);
  const name = `  ${row.name}`;
  switch (row.kind) {
    case 'spread': {
      const { latencies, unit } = row;
      const tails = [50, 99, 99.9].map((percent) => inUnit(latencies.at(percent, unit), unit));
      // A percentile beyond the sample is the maximum under another name: it is left out.
      if (latencies.n < 1000) tails[2] = '-';
      if (latencies.n < 100) tails[1] = '-';
      return [name, goalOf(row.goals, unit), String(latencies.n), ...tails, inUnit(latencies.max(unit), unit), verdict];
    }
    case 'figure':
      return [
        name,
        goalOf(row.goals, row.unit),
        row.n === undefined ? '' : String(row.n),
        inUnit(row.value, row.unit),
        '',
        '',
        '',
        verdict,
      ];
    case 'exact':
      return [name, '0', String(row.n), inUnit(row.value, row.unit), '', '', '', verdict];
    case 'absent':
      return [name, '', '', '', '', '', '', `${verdict}: ${row.why}`];
  }
}

function goalOf(goals: Goals | undefined, unit: Unit): string {
  return Object.entries(goals ?? {})
    .map(([what, figure]) => `${what === 'most' ? '<=' : what === 'least' ? '>=' : `${what} <`} ${inUnit(figure, unit)}`)
    .join(', ');
}

function inUnit(value: number, unit: Unit): string {
  const digits =
    value === 0 || Math.abs(value) >= 100 || Number.isInteger(value) ? 0 : Math.abs(value) >= 10 ? 1 : Math.abs(value) >= 1 ? 2 : 3;
  return `${value.toFixed(digits)} ${unit}`;
}

/** The same for programs: every figure, the machine's probes and the verdicts. */
export function writeJson(rows: readonly Row[], probes: readonly Probe[], noisy: boolean): string {
  const plain = rows.map((row) => {
    const verdict = verdictOf(row, noisy);
    if (row.kind !== 'spread') return { ...row, verdict };
    const { latencies, ...rest } = row;
    const at = (percent: number) => latencies.at(percent, row.unit);
    return { ...rest, n: latencies.n, p50: at(50), p90: at(90), p99: at(99), 'p99.9': at(99.9), max: latencies.max(row.unit), verdict };
  });
  mkdirSync(path.dirname(FILE), { recursive: true });
  writeFileSync(FILE, `${JSON.stringify({ at: new Date().toISOString(), node: process.version, noisy, probes, rows: plain }, null, 2)}\n`);
  return path.relative(process.cwd(), FILE);
}
