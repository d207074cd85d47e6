import { median } from '../measure.ts';
import type { Told } from './generator-messages.ts';
import type { HouseUnderLoad, Status } from './house-under-load.ts';
import { machineNow } from './machine-clock.ts';
import { cpuMsOf, databaseOf, memoryOf, threadsOf } from './process-figures.ts';

/** CPU time in milliseconds of each part of the house. `control` is the main thread; `other` are its garbage collectors and file threads. */
export type Cpu = {
  readonly control: number;
  readonly stream: number;
  readonly other: number;
  readonly engine: number;
  readonly database: number;
};

/** How the house fared for some seconds under a load that only streams. */
export type LoadFigures = {
  readonly seconds: number;
  /** Ticks that ran, of all sessions. */
  readonly ticks: number;
  readonly cpu: Cpu;
  readonly latenessP50: readonly number[];
  readonly latenessP99: readonly number[];
  readonly latenessMax: number;
  readonly lateAnswers: number;
  readonly leaseHeld: boolean;
  readonly backlogMs: number;
  /** Least resident memory that was seen, KiB: what stands above it comes and goes with garbage. */
  readonly rss: number;
  readonly told: Told;
};

const WINDOW_MS = 1000;

function cpuOf(server: number, engine: number | null): Cpu {
  const threads = threadsOf(server);
  const sum = (test: (name: string) => boolean) => threads.filter(({ name }) => test(name)).reduce((total, { ms }) => total + ms, 0);
  const control = sum((name) => name.endsWith(`:${server}`));
  const stream = sum((name) => name.startsWith('stream-'));
  return {
    control,
    stream,
    other: sum(() => true) - control - stream,
    engine: engine === null ? 0 : cpuMsOf(engine),
    database: databaseOf(server).reduce((total, pid) => total + cpuMsOf(pid), 0),
  };
}

function spent(before: Cpu, after: Cpu): Cpu {
  return {
    control: after.control - before.control,
    stream: after.stream - before.stream,
    other: after.other - before.other,
    engine: after.engine - before.engine,
    database: after.database - before.database,
  };
}

/** Watches the house for some seconds while nothing happens but streaming. */
export async function watchLoad(house: HouseUnderLoad, seconds: number): Promise<LoadFigures> {
  const first = await house.status();
  await house.crowd.tell();
  const before = cpuOf(house.server.pid, first.engine.pid);
  const start = machineNow();
  const seen: Status[] = [];
  let rss = Number.POSITIVE_INFINITY;
  while (machineNow() - start < seconds * 1000) {
    await new Promise((resolve) => setTimeout(resolve, WINDOW_MS));
    seen.push(await house.status());
    rss = Math.min(rss, memoryOf(house.server.pid).rss);
  }
  const cpu = spent(before, cpuOf(house.server.pid, first.engine.pid));
  const threads = seen.flatMap((status) => status.threads);
  return {
    seconds: (machineNow() - start) / 1000,
    ticks: threads.reduce((sum, { ticks }) => sum + ticks, 0),
    cpu,
    latenessP50: threads.map(({ latenessMs }) => latenessMs.p50),
    latenessP99: threads.map(({ latenessMs }) => latenessMs.p99),
    latenessMax: Math.max(...threads.map(({ latenessMs }) => latenessMs.max)),
    lateAnswers: threads.reduce((sum, { lateAnswers }) => sum + lateAnswers, 0),
    leaseHeld: seen.every(({ leaseHeld }) => leaseHeld),
    backlogMs: median(seen.map(({ ledger }) => ledger.oldestMs)),
    rss,
    told: await house.crowd.tell(),
  };
}
