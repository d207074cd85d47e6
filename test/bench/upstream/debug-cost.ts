import { type ChildProcess, fork } from 'node:child_process';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { TICK_MS } from '@wheelhouse/protocol/tick';
import { z } from 'zod';
import { TestServer } from '../../harness/server.ts';
import { until } from '../../harness/until.ts';
import { Latencies, type Row } from '../measure.ts';
import { MARKS } from './marked-sound.ts';
import { startPortkey } from './portkey.ts';

const PART = 'upstream';
const HOOK = pathToFileURL(path.join(import.meta.dirname, 'wheel-hook.ts')).href;

const Noted = z.tuple([z.number(), z.number(), z.number()]);
const Port = z.object({ port: z.number() });
const Upstream = z.object({ noted: z.array(Noted) });
const Loaded = z.union([z.object({ sent: z.array(Noted), came: z.array(Noted) }), z.object({ failed: z.string() })]);
type Marked = readonly z.infer<typeof Noted>[];

/** A process of the bench that is asked and answers once. */
function ask<T>(child: ChildProcess, message: object | null, shape: z.ZodType<T>, withinMs: number): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      reject(new Error(`no answer within ${withinMs / 1000} s`));
    }, withinMs);
    child.once('message', (said) => {
      clearTimeout(timer);
      resolve(shape.parse(said));
    });
    if (message !== null) child.send(message);
  });
}

const start = (file: string): ChildProcess =>
  fork(path.join(import.meta.dirname, file), [], { serialization: 'advanced', execArgv: ['--no-warnings'] });

type Load = {
  readonly way: 'house' | 'direct';
  readonly url: string;
  readonly key?: string;
  readonly headers?: Record<string, string>;
  readonly sessions: number;
  readonly seconds: number;
};

async function load(order: Load): Promise<{ readonly sent: Marked; readonly came: Marked }> {
  const child = start('upstream-load.ts');
  try {
    const said = await ask(child, order, Loaded, (order.seconds + 120) * 1000);
    if ('failed' in said) throw new Error(said.failed);
    return said;
  } finally {
    if (child.connected) child.disconnect();
  }
}

/** The passages of each session, in their order, under its number. */
function bySession(marked: Marked): Map<number, { readonly frame: number; readonly at: number }[]> {
  const sessions = new Map<number, { frame: number; at: number }[]>();
  for (const [session, frame, at] of marked) {
    const list = sessions.get(session) ?? [];
    list.push({ frame: frame % MARKS, at });
    sessions.set(session, list);
  }
  return sessions;
}

/** For each frame of `from` the first one of the same mark in `to` that lies behind it; frames that never came are counted. */
function pairs(
  from: Marked,
  to: Marked,
): { readonly pairs: (readonly [session: number, from: number, to: number])[]; readonly lost: number } {
  const ends = bySession(to);
  const found: [number, number, number][] = [];
  let lost = 0;
  for (const [session, list] of bySession(from)) {
    const others = ends.get(session) ?? [];
    let at = 0;
    for (const one of list) {
      const before = at;
      while (at < others.length && (others[at]?.frame !== one.frame || (others[at]?.at ?? 0) < one.at)) at += 1;
      const other = others[at];
      if (other === undefined || other.at - one.at > MARKS * TICK_MS * 0.5) {
        lost += 1;
        at = before;
      } else found.push([session, one.at, other.at]);
    }
  }
  return { pairs: found, lost };
}

/**
 * What lies between a tick's deadline and the passage, for the passages of one session: its deadlines are those points of the wheel's grid of 10 ms
 * after which the session's passages come soonest.
 */
function behindDeadline(passages: readonly number[], wheel: number): number[] {
  const best = Array.from({ length: TICK_MS / 10 }, (_, phase) => {
    const late = passages.map((at) => (at - wheel - phase * 10 + TICK_MS * 1e9) % TICK_MS).sort((a, b) => a - b);
    return { phase, middle: late[late.length >> 1] ?? TICK_MS };
  }).reduce((least, one) => (one.middle < least.middle ? one : least));
  return passages.map((at) => (at - wheel - best.phase * 10 + TICK_MS * 1e9) % TICK_MS);
}

type Direct = { readonly trip: Latencies; lost: number; sent: number };
const newDirect = (): Direct => ({ trip: new Latencies(), lost: 0, sent: 0 });

function addDirect(into: Direct, { sent, came }: { readonly sent: Marked; readonly came: Marked }): void {
  const { pairs: found, lost } = pairs(sent, came);
  for (const [, from, to] of found) into.trip.addMs(to - from);
  into.lost += lost;
  into.sent += sent.length;
}

type Through = {
  readonly inward: Latencies;
  readonly outward: Latencies;
  readonly both: Latencies;
  readonly trip: Latencies;
  lost: number;
  sent: number;
};

function addThrough(into: Through, { sent, came }: { readonly sent: Marked; readonly came: Marked }, noted: Marked, wheel: number): void {
  const inward = pairs(sent, noted);
  const outward = pairs(
    noted.filter(([, , at]) => at >= Math.min(...sent.slice(0, 1).map(([, , first]) => first))),
    came,
  );
  const legs = (found: typeof inward.pairs): Map<number, number[]> => {
    const passages = new Map<number, number[]>();
    for (const [session, , to] of found) passages.set(session, [...(passages.get(session) ?? []), to]);
    return new Map([...passages].map(([session, list]) => [session, behindDeadline(list, wheel)]));
  };
  const [ins, outs] = [legs(inward.pairs), legs(outward.pairs)];
  for (const [session, list] of ins) {
    const others = outs.get(session) ?? [];
    for (const [i, late] of list.entries()) {
      into.inward.addMs(late);
      const other = others[i];
      if (other === undefined) continue;
      into.outward.addMs(other);
      into.both.addMs(late + other);
    }
  }
  const whole = pairs(sent, came);
  for (const [, from, to] of whole.pairs) into.trip.addMs(to - from);
  into.lost += whole.lost;
  into.sent += sent.length;
}

/** The server in front of the upstream, on one stream thread, whose wheel is known. */
async function openHouse(port: number, sessions: number): Promise<{ server: TestServer; key: string; wheel: number }> {
  const server = await TestServer.start({
    WHEELHOUSE_MAX_SESSIONS: String(sessions + 8),
    WHEELHOUSE_STREAM_THREADS: '1',
    WHEELHOUSE_UPSTREAM_URL: `ws://127.0.0.1:${port}/v1/realtime`,
    WHEELHOUSE_UPSTREAM_MODEL: 'echo',
  });
  try {
    await server.stop();
    await server.run(['--import', HOOK]);
    const { key } = await server.key(await server.firstOperator(), ['sessions:open', 'sessions:read']);
    const wheel = await until('the wheel', () => /\{"wheel":([\d.]+)\}/.exec(server.output)?.[1], 30_000);
    return { server, key, wheel: Number(wheel) };
  } catch (error) {
    await server.dispose();
    throw error;
  }
}

/**
 * Sound through Wheelhouse in front of an upstream that echoes it at once, beside the same clients on that upstream directly, and through another
 * gateway where `peers` are asked for; in turns.
 */
export async function upstreamRows({ quick, peers }: { readonly quick: boolean; readonly peers: boolean }): Promise<Row[]> {
  const sessions = quick ? 40 : 200;
  const seconds = quick ? 8 : 50;
  const upstream = start('echo-upstream.ts');
  const direct = newDirect();
  const portkey = newDirect();
  const through: Through = {
    inward: new Latencies(),
    outward: new Latencies(),
    both: new Latencies(),
    trip: new Latencies(),
    lost: 0,
    sent: 0,
  };
  let why = 'run with `peers` to measure it beside';
  try {
    const { port } = await ask(upstream, null, Port, 10_000);
    const url = `ws://127.0.0.1:${port}/v1/realtime`;
    for (let round = 0; round < 2; round += 1) {
      addDirect(direct, await load({ way: 'direct', url, sessions, seconds }));
      const { server, key, wheel } = await openHouse(port, sessions);
      try {
        await ask(upstream, {}, Upstream, 10_000);
        const loaded = await load({ way: 'house', url: server.url, key, sessions, seconds });
        addThrough(through, loaded, (await ask(upstream, {}, Upstream, 10_000)).noted, wheel);
        console.log('OUT', loaded.sent.length, loaded.came.length, server.output.split('\n').filter((l) => l.includes('level')).slice(0,12).join('\n'), server.output.length);
      } finally {
        await server.dispose();
      }
      if (peers) why = await throughPortkey(portkey, { port, sessions, seconds });
    }
  } finally {
    upstream.disconnect();
  }
  return rowsOf({ sessions, direct, through, portkey, why });
}

/** Returns why it could not be measured, '' when it was. */
async function throughPortkey(
  into: Direct,
  { port, sessions, seconds }: { port: number; sessions: number; seconds: number },
): Promise<string> {
  try {
    const gateway = await startPortkey(port);
    try {
      addDirect(into, await load({ way: 'direct', url: gateway.url, headers: gateway.headers, sessions, seconds }));
    } finally {
      gateway.end();
    }
    return into.trip.n === 0 ? 'it carried none of the sound' : '';
  } catch (error) {
    return (error instanceof Error ? error.message : String(error)).slice(0, 300);
  }
}

function rowsOf(found: { sessions: number; direct: Direct; through: Through; portkey: Direct; why: string }): Row[] {
  const { sessions, direct, through, portkey, why } = found;
  const spread = (name: string, latencies: Latencies, note: string): Row => ({
    part: PART,
    kind: 'spread',
    name,
    unit: 'ms',
    latencies,
    note,
  });
  const added = (name: string, percentile: number, latencies: Latencies, goals: { most: number } | null): Row => ({
    ...{ part: PART, kind: 'figure', unit: 'ms', name, n: latencies.n },
    value: latencies.at(percentile, 'ms') - direct.trip.at(50, 'ms'),
    ...(goals === null ? {} : { goals }),
    ...(percentile > 50 ? { tail: true } : {}),
  });
  const lost = (name: string, { lost: count, sent }: { lost: number; sent: number }, note: string): Row => ({
    ...{ part: PART, kind: 'figure', name, unit: 'frames', value: count, n: sent, note },
  });
  const rows: Row[] = [
    spread(
      `directly, ${sessions} sessions: frame due to its echo`,
      direct.trip,
      'client to upstream and back, as JSON with base64 both ways',
    ),
    spread(
      'through Wheelhouse, inward: deadline of the tick to arrival upstream',
      through.inward,
      'stream thread, engine process, 16 to 24 kHz, JSON, loopback',
    ),
    spread(
      'through Wheelhouse, outward: deadline of the tick to arrival at the client',
      through.outward,
      'engine process, 24 to 16 kHz, checkpoints, gate, loopback',
    ),
    spread(
      'through Wheelhouse: inward and outward together',
      through.both,
      'all that is not waiting for a deadline; a frame waits up to 200 ms for the tick that takes it, and its echo for the next',
    ),
    spread(
      'through Wheelhouse: frame due to its echo, with the waiting',
      through.trip,
      'by design: sound moves in ticks of 200 ms, and hold-back adds whole ticks',
    ),
    added('added by Wheelhouse beyond the ticks (p50 less p50 directly)', 50, through.both, null),
    added('added by Wheelhouse beyond the ticks (p99 less p50 directly)', 99, through.both, { most: 2 }),
    added('added by Wheelhouse beyond the ticks (p99.9 less p50 directly)', 99.9, through.both, null),
    lost(
      'frames that did not come back through Wheelhouse',
      through,
      'an answer that is late for its tick is dropped: nothing is ever sent late',
    ),
  ];
  if (why !== '') return [...rows, { part: PART, kind: 'absent', name: '@portkey-ai/gateway on the same upstream', why }];
  return [
    ...rows,
    spread(
      'through @portkey-ai/gateway: frame due to its echo',
      portkey.trip,
      'its realtime proxy on Node, which hands messages on as they are; provider with a custom host',
    ),
    added('added by @portkey-ai/gateway (p50 less p50 directly)', 50, portkey.trip, null),
    added('added by @portkey-ai/gateway (p99 less p50 directly)', 99, portkey.trip, null),
    lost('frames that did not come back through @portkey-ai/gateway', portkey, 'it was given all that were due'),
  ];
}
