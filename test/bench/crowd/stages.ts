import type { Scope } from '@wheelhouse/protocol/scope';
import { BUSY_MS } from '../server-hook.ts';
import { Latencies, median, type Row } from '../measure.ts';
import { HouseUnderLoad } from './house-under-load.ts';
import { type LoadFigures, watchLoad } from './load-figures.ts';
import { busyRounds } from './busy-rounds.ts';
import { narrowRounds, OrderFigures, type Way, wideRounds } from './orders.ts';
import { databaseOf, memoryOf } from './process-figures.ts';

export type StagePlan = {
  readonly sizes: readonly number[];
  readonly quick: boolean;
  readonly parts: ReadonlySet<string>;
  readonly nodeFlags: readonly string[];
};

type Memory = { readonly server: number; readonly engine: number; readonly database: number };
type Stage = { readonly size: number; readonly load: LoadFigures; readonly retained: number };

/** One server, a crowd that grows from stage to stage, and at each stage what was asked for. */
export async function stageRows({ sizes, quick, parts, nodeFlags }: StagePlan): Promise<Row[]> {
  const largest = Math.max(...sizes);
  const house = await HouseUnderLoad.open(largest, nodeFlags);
  const rows: Row[] = [];
  try {
    const idle = await idleMemory(house);
    const stages: Stage[] = [];
    for (const size of sizes) {
      console.log(`  ${size} live sessions`);
      const { opened, tookMs } = await house.crowd.growTo(size);
      await house.flowing();
      await new Promise((resolve) => setTimeout(resolve, 1000));
      if (size === largest)
        rows.push({
          part: 'orders',
          kind: 'figure',
          name: `opening ${opened} sessions, 16 at a time`,
          unit: 's',
          value: tookMs / 1000,
          n: opened,
        });
      const load = await watchLoad(house, quick ? 4 : 20);
      stages.push({ size, load, retained: parts.has('memory') ? await house.retained() : 0 });
      if (parts.has('orders')) rows.push(...(await orderRows(house, { size, quick, largest })));
    }
    if (parts.has('orders')) rows.push(...(await busyRows(house, quick)), await orderRow(house));
    if (parts.has('ticks')) rows.push(...stages.slice(-1).flatMap(tickRows), ...stages.slice(-2, -1).flatMap(tickRows));
    if (parts.has('memory')) rows.push(...memoryRows(idle, stages));
  } finally {
    const complaints = house.server.output.split('\n').filter((line) => line.startsWith('{"level"'));
    if (complaints.length > 0)
      console.log(`  the server's log has ${complaints.length} warnings, the last: ${complaints.at(-1)?.slice(0, 300) ?? ''}`);
    await house.close();
  }
  return rows.toSorted((a, b) => a.part.localeCompare(b.part));
}

async function idleMemory(house: HouseUnderLoad): Promise<Memory> {
  await new Promise((resolve) => setTimeout(resolve, 2000));
  const { engine } = await house.status();
  const server = house.server.pid;
  return {
    server: memoryOf(server).rss,
    engine: engine.pid === null ? 0 : memoryOf(engine.pid).rss,
    database: databaseOf(server).reduce((sum, pid) => sum + memoryOf(pid).own, 0),
  };
}

/** Rounds in which wide and narrow orders, and the two ways of giving them, take turns: noise then falls on all alike. */
async function orderRows(
  house: HouseUnderLoad,
  { size, quick, largest }: { size: number; quick: boolean; largest: number },
): Promise<Row[]> {
  const scopes: readonly Scope[] = [{ type: 'everything' }, { type: 'deployment', deployment: 'echo' }];
  const ways: readonly Way[] = ['channel', 'rest'];
  const figures = new Map<string, OrderFigures>();
  const of = (key: string) => figures.get(key) ?? figures.set(key, new OrderFigures()).get(key) ?? new OrderFigures();
  const rounds = quick ? (size === largest ? 4 : 3) : 40;
  for (let round = 0; round < rounds; round += 1) {
    for (const way of ways) {
      for (const scope of scopes) await wideRounds(house, { rounds: 1, way, scope }, of(`all of them, ${way}`));
      await narrowRounds(house, { rounds: size === 1 ? 3 : 1, way, each: 25, everyMs: 10 }, of(`one session, ${way}`));
    }
  }
  return [...figures].flatMap(([name, one]) => rowsOf(`${size} live: ${name}`, one, size === largest));
}

function rowsOf(name: string, figures: OrderFigures, isLargest: boolean): Row[] {
  const part = 'orders';
  const tail = isLargest ? { 'p99.9': name.startsWith('3000') ? 10 : 5 } : {};
  const wide = !name.includes('one session');
  return [
    {
      part,
      kind: 'spread',
      name: `${name}: arrival to last gate closed`,
      unit: 'ms',
      latencies: figures.closed,
      goals: { p50: 0.3, ...tail },
    },
    { part, kind: 'spread', name: '    sent (as intended) to acknowledgement', unit: 'ms', latencies: figures.roundTrip },
    ...(wide
      ? [{ part, kind: 'spread', name: '    sent to last engine frame at any client', unit: 'ms', latencies: figures.silence } as const]
      : []),
    {
      part,
      kind: 'exact',
      name: '    frames after the acknowledgement',
      unit: 'frames',
      value: figures.framesAfter,
      n: figures.sessionsChecked,
    },
  ];
}

async function busyRows(house: HouseUnderLoad, quick: boolean): Promise<Row[]> {
  const { figures, worstLatenessMs } = await busyRounds(house, quick ? 5 : 30);
  const rows = rowsOf(`${house.crowd.sessions.length} live, stream threads busy for ${BUSY_MS} ms: everything`, figures, false);
  return [
    ...rows,
    { part: 'orders', kind: 'figure', name: '    worst tick lateness meanwhile (proof of busyness)', unit: 'ms', value: worstLatenessMs },
  ];
}

/** The clients' own proof: the gate numbers frames without gaps, so that anything let through beside it would show. */
async function orderRow(house: HouseUnderLoad): Promise<Row> {
  const { disordered, cuts, refusals } = await house.crowd.tell();
  const note = `connections cut by an order: ${cuts}; frames refused by the server: ${refusals.length}${refusals.length > 0 ? ` (${[...new Set(refusals)].join(', ')})` : ''}`;
  return {
    part: 'orders',
    kind: 'exact',
    name: 'frames doubled, lost or out of order at the clients',
    unit: 'frames',
    value: disordered,
    n: house.crowd.sessions.length,
    note,
  };
}

function tickRows({ size, load }: Stage): Row[] {
  const part = 'ticks';
  const { cpu, ticks, seconds, told } = load;
  const us = (ms: number) => (ms * 1000) / Math.max(1, ticks);
  const server = us(cpu.control + cpu.stream + cpu.other);
  const perCore = 200_000 / server;
  const spread = new Latencies();
  for (const ms of load.latenessP99) spread.addMs(ms);
  const goals = size >= 1000 ? { most: 20 } : {};
  const parts = `control thread ${us(cpu.control).toFixed(1)}, stream threads ${us(cpu.stream).toFixed(1)}, garbage and files ${us(cpu.other).toFixed(1)}`;
  const others = `engine process ${us(cpu.engine).toFixed(1)}, PostgreSQL ${us(cpu.database).toFixed(1)}, generator ${us(told.cpuMs).toFixed(1)}`;
  const health = `late answers ${load.lateAnswers}, lease ${load.leaseHeld ? 'held' : 'LOST'}, ledger backlog ${load.backlogMs.toFixed(0)} ms, generator late p99 ${told.lateMs.p99.toFixed(1)} ms`;
  return [
    {
      part,
      kind: 'figure',
      name: `${size} live: tick lateness p99, median second`,
      unit: 'ms',
      value: median(load.latenessP99),
      n: ticks,
      goals,
      tail: true,
      note: health,
    },
    { part, kind: 'spread', name: `${size} live: tick lateness p99 of each second`, unit: 'ms', latencies: spread },
    {
      part,
      kind: 'figure',
      name: `${size} live: ticks run of ticks due`,
      unit: '%',
      value: (ticks / (size * 5 * seconds)) * 100,
      n: ticks,
    },
    {
      part,
      kind: 'figure',
      name: `${size} live: frames back of frames sent`,
      unit: '%',
      value: (told.received / Math.max(1, told.sent)) * 100,
      n: told.sent,
    },
    {
      part,
      kind: 'figure',
      name: `${size} live: server CPU for a session's tick`,
      unit: 'us',
      value: server,
      n: ticks,
      note: `${parts}; beside it ${others} us`,
    },
    {
      part,
      kind: 'figure',
      name: `echo sessions one core carries (${size >= 3000 ? 'measured' : `extrapolated from ${size}`})`,
      unit: 'sessions',
      value: Math.round(perCore),
      goals: { least: 3000 },
      note: 'server process alone: control and stream threads, garbage collection',
    },
    {
      part,
      kind: 'figure',
      name: '    with the engine process and PostgreSQL on the same core',
      unit: 'sessions',
      value: Math.round(200_000 / (server + us(cpu.engine + cpu.database))),
    },
    { part, kind: 'figure', name: '    a stream thread alone on its core', unit: 'sessions', value: Math.round(200_000 / us(cpu.stream)) },
  ];
}

function memoryRows(idle: Memory, stages: readonly Stage[]): Row[] {
  const part = 'memory';
  const last = stages.at(-1);
  const before = stages.filter(({ size }) => size >= 100 && size < (last?.size ?? 0)).at(-1);
  const rows: Row[] = [
    { part, kind: 'figure', name: 'idle: server process, resident', unit: 'MiB', value: idle.server / 1024 },
    { part, kind: 'figure', name: 'idle: engine process with its models, resident', unit: 'MiB', value: idle.engine / 1024 },
    { part, kind: 'figure', name: 'idle: PostgreSQL, all processes, shared memory counted once', unit: 'MiB', value: idle.database / 1024 },
  ];
  if (last === undefined || before === undefined)
    return [...rows, { part, kind: 'absent', name: 'a live session', why: 'it takes a stage of 100 and a larger one' }];
  const each = (last.load.rss - before.load.rss) / (last.size - before.size);
  const note = `server process ${(before.load.rss / 1024).toFixed(0)} MiB with ${before.size} sessions, ${(last.load.rss / 1024).toFixed(0)} MiB with ${last.size}; their least in the streaming seconds, garbage included`;
  const held = (last.retained - before.retained) / 1024 / (last.size - before.size);
  return [
    ...rows,
    {
      part,
      kind: 'figure',
      name: 'a live session (growth of the server process)',
      unit: 'KiB',
      value: each,
      goals: { most: 64 },
      n: last.size - before.size,
      note,
    },
    {
      part,
      kind: 'figure',
      name: '    of it still held after garbage collection, all threads',
      unit: 'KiB',
      value: held,
      n: last.size - before.size,
    },
  ];
}
