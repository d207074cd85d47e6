import { mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';

const FOLDER = path.resolve(import.meta.dirname, '../artifacts/profile');
const ROOT = path.resolve(import.meta.dirname, '../..');
const LINES = 18;

const Profile = z.object({
  nodes: z.array(z.object({ id: z.number(), callFrame: z.object({ functionName: z.string(), url: z.string(), lineNumber: z.number() }) })),
  samples: z.array(z.number()),
  timeDeltas: z.array(z.number()),
});

/** Flags that make a server write where its CPU time went, one file a thread, when it ends. Figures taken meanwhile are some percent worse. */
export function profilingFlags(): string[] {
  rmSync(FOLDER, { recursive: true, force: true });
  mkdirSync(FOLDER, { recursive: true });
  return ['--cpu-prof', `--cpu-prof-dir=${FOLDER}`];
}

/** The functions in which each thread spent its time themselves, callees not counted. */
export function printProfiles(): void {
  for (const file of readdirSync(FOLDER).filter((name) => name.endsWith('.cpuprofile'))) {
    const { nodes, samples, timeDeltas } = Profile.parse(JSON.parse(readFileSync(path.join(FOLDER, file), 'utf8')));
    const where = new Map(nodes.map(({ id, callFrame }) => [id, `${callFrame.functionName || '(anonymous)'} ${placeOf(callFrame)}`]));
    const self = new Map<string, number>();
    let busy = 0;
    for (const [i, sample] of samples.entries()) {
      const name = where.get(sample) ?? '';
      if (name.startsWith('(idle)')) continue;
      const us = timeDeltas[i] ?? 0;
      busy += us;
      self.set(name, (self.get(name) ?? 0) + us);
    }
    console.log(`\nprofile ${file}: ${(busy / 1e6).toFixed(1)} s busy`);
    const top = [...self].toSorted((a, b) => b[1] - a[1]).slice(0, LINES);
    for (const [name, us] of top) console.log(`  ${((us / busy) * 100).toFixed(1).padStart(5)} %  ${name}`);
  }
}

function placeOf({ url, lineNumber }: { url: string; lineNumber: number }): string {
  if (url === '') return '';
  const file = url.startsWith('file:') ? path.relative(ROOT, new URL(url).pathname) : url;
  return `${file}:${lineNumber + 1}`;
}
