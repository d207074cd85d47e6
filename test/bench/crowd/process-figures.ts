import { readdirSync, readFileSync } from 'node:fs';

/** CPU time of one thread since its start. Linux only, where the kernel tells it to the nanosecond; elsewhere there is none. */
export type ThreadCpu = { readonly name: string; readonly ms: number };

export function threadsOf(pid: number): ThreadCpu[] {
  const folder = `/proc/${pid}/task`;
  return listed(folder).flatMap((task) => {
    const spent = read(`${folder}/${task}/schedstat`)?.split(' ')[0];
    return spent === undefined ? [] : [{ name: `${read(`${folder}/${task}/comm`)?.trim() ?? ''}:${task}`, ms: Number(spent) / 1e6 }];
  });
}

export function cpuMsOf(pid: number): number {
  return threadsOf(pid).reduce((sum, { ms }) => sum + ms, 0);
}

/** Memory of a process in KiB. `own` counts what it shares with others only in part, so that it may be added up. */
export function memoryOf(pid: number): { readonly rss: number; readonly own: number } {
  const text = read(`/proc/${pid}/smaps_rollup`) ?? '';
  const field = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(text)?.[1] ?? 0);
  return { rss: field('Rss'), own: field('Pss') };
}

/** The database's processes: the postmaster, which the server started, and its children. */
export function databaseOf(server: number): number[] {
  const postmasters = childrenOf(server).filter((pid) => read(`/proc/${pid}/comm`)?.trim() === 'postgres');
  return postmasters.flatMap((pid) => [pid, ...childrenOf(pid)]);
}

function childrenOf(parent: number): number[] {
  return listed('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => Number(/^PPid:\s+(\d+)/m.exec(read(`/proc/${pid}/status`) ?? '')?.[1] ?? 0) === parent)
    .map(Number);
}

function listed(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function read(file: string): string | null {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    // A thread or process that has just ended, or a machine without /proc.
    return null;
  }
}
