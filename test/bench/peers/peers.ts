import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { EmbeddedPostgres } from '@wheelhouse/installation/embedded-postgres';
import { z } from 'zod';
import { HouseUnderLoad } from '../crowd/house-under-load.ts';
import { watchLoad } from '../crowd/load-figures.ts';
import { OrderFigures, stopAndLook } from '../crowd/orders.ts';
import { machineNow } from '../crowd/machine-clock.ts';
import { cpuMsOf } from '../crowd/process-figures.ts';
import { Latencies, median, type Row } from '../measure.ts';
import { installPeers } from './install-peers.ts';
import { Program } from './program.ts';

const PART = 'peers';
const CLIENTS = 30;
const ECHO_KINDS = ['ws', 'socket.io', 'nest-json'] as const;
type EchoKind = (typeof ECHO_KINDS)[number];

const Listening = z.object({ port: z.number() });
const Started = z.object({ started: z.literal(true) });
const Echoed = z.object({ received: z.number(), p50: z.number(), p99: z.number() });

/** Wheelhouse beside what others build with, on the same machine in the same run, taking turns so that noise falls on all alike. */
export async function peerRows(quick: boolean): Promise<Row[]> {
  installPeers();
  return [...(await propagationRows(quick)), ...(await frameRows(quick))];
}

async function propagationRows(quick: boolean): Promise<Row[]> {
  const ours = await ourPropagation(quick ? 15 : 100);
  const rows: Row[] = [
    {
      part: PART,
      kind: 'spread',
      name: `Wheelhouse, ${CLIENTS} live: order sent to acknowledgement (in force)`,
      unit: 'ms',
      latencies: ours.inForce,
    },
    { part: PART, kind: 'spread', name: `Wheelhouse, ${CLIENTS} live: order sent to a client told`, unit: 'ms', latencies: ours.told },
  ];
  const theirs = await unleashPropagation(quick ? 6 : 30).catch((error: unknown) =>
    error instanceof Error ? error.message : String(error),
  );
  if (typeof theirs === 'string')
    return [...rows, { part: PART, kind: 'absent', name: 'Unleash: order sent to a client told', why: theirs.slice(0, 400) }];
  const ratio = (mine: Latencies) => theirs.at(50, 'us') / Math.max(1, mine.at(50, 'us'));
  return [
    ...rows,
    {
      part: PART,
      kind: 'spread',
      name: `Unleash, ${CLIENTS} clients that poll each second: order sent to a client told`,
      unit: 'ms',
      latencies: theirs,
    },
    {
      part: PART,
      kind: 'figure',
      name: 'times faster, in force (p50 to p50)',
      unit: 'x',
      value: ratio(ours.inForce),
      goals: { least: 1000 },
    },
    { part: PART, kind: 'figure', name: 'times faster, clients told (p50 to p50)', unit: 'x', value: ratio(ours.told) },
  ];
}

async function ourPropagation(rounds: number): Promise<{ readonly inForce: Latencies; readonly told: Latencies }> {
  const house = await HouseUnderLoad.open(CLIENTS);
  try {
    await house.crowd.growTo(CLIENTS);
    await house.flowing();
    const figures = new OrderFigures();
    const told = new Latencies();
    for (let round = 0; round < rounds; round += 1) {
      const intended = machineNow() + 50 + Math.random() * 200;
      const order = await stopAndLook(house, { way: 'channel', scope: { type: 'everything' }, intended, lookMs: 260 }, figures);
      for (const at of await house.crowd.flushes(order)) told.addMs(at - intended);
    }
    return { inForce: figures.roundTrip, told };
  } finally {
    await house.close();
  }
}

async function unleashPropagation(rounds: number): Promise<Latencies> {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'wheelhouse-bench-'));
  // PostgreSQL runs as another user when this runs as root, and has to get through.
  chmodSync(folder, 0o711);
  const database = new EmbeddedPostgres({ folder: path.join(folder, 'postgres'), port: 0, password: 'bench', onLog: () => undefined });
  const programs: Program[] = [];
  try {
    await database.start();
    const { hostname, port, username, password, pathname } = new URL(database.url);
    const server = new Program('unleash-server.mjs', [hostname, port, username, password, pathname.slice(1)]);
    programs.push(server);
    const at = await server.says(Listening.extend({ token: z.string() }), 180_000);
    const clients = new Program('unleash-clients.mjs', [`http://127.0.0.1:${at.port}`, at.token, String(rounds)]);
    programs.push(clients);
    const { took } = await clients.says(z.object({ took: z.array(z.array(z.number())) }), 60_000 + rounds * 25_000);
    const latencies = new Latencies();
    for (const ms of took.flat()) latencies.addMs(ms);
    return latencies;
  } finally {
    for (const program of programs) program.end();
    await database.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** CPU that a server spends on one frame's way in and back out again. */
async function frameRows(quick: boolean): Promise<Row[]> {
  const connections = quick ? 300 : 1000;
  const seconds = quick ? 3 : 10;
  const ours: number[] = [];
  const thread: number[] = [];
  const theirs = new Map<EchoKind, number[]>(ECHO_KINDS.map((kind) => [kind, []]));
  const rows: Row[] = [];
  for (let round = 0; round < 2; round += 1) {
    const { process, stream } = await ourFrame(connections, seconds);
    ours.push(process);
    thread.push(stream);
    for (const kind of ECHO_KINDS) {
      try {
        theirs.get(kind)?.push(await echoFrame(kind, connections, seconds));
      } catch (error) {
        rows.push({ part: PART, kind: 'absent', name: `CPU for a frame through ${kind}`, why: String(error).slice(0, 400) });
      }
    }
  }
  const figure = (name: string, value: number, note?: string): Row => ({
    part: PART,
    kind: 'figure',
    name,
    unit: 'us',
    value,
    n: ours.length,
    ...(note === undefined ? {} : { note }),
  });
  const note = `${connections} connections at 5 frames a second each; ours checks, judges, evidences and meters each, and takes it to the engine process and back; the others only send it back`;
  rows.push(
    figure('CPU for a frame through Wheelhouse, server process', median(ours), note),
    figure('CPU for a frame through Wheelhouse, stream threads', median(thread)),
  );
  for (const [kind, costs] of theirs) {
    if (costs.length === 0) continue;
    rows.push(figure(`CPU for a frame through ${kind}`, median(costs)));
    rows.push({
      part: PART,
      kind: 'figure',
      name: `    ${kind} to Wheelhouse's stream threads`,
      unit: 'x',
      value: median(costs) / median(thread),
    });
  }
  return rows;
}

async function ourFrame(connections: number, seconds: number): Promise<{ readonly process: number; readonly stream: number }> {
  const house = await HouseUnderLoad.open(connections);
  try {
    await house.crowd.growTo(connections);
    await house.flowing();
    await new Promise((resolve) => setTimeout(resolve, 2000));
    const { cpu, told } = await watchLoad(house, seconds);
    const us = (ms: number) => (ms * 1000) / Math.max(1, told.received);
    return { process: us(cpu.control + cpu.stream + cpu.other), stream: us(cpu.stream) };
  } finally {
    await house.close();
  }
}

async function echoFrame(kind: EchoKind, connections: number, seconds: number): Promise<number> {
  const server = new Program('echo-server.mjs', [kind]);
  try {
    const { port } = await server.says(Listening);
    const run = async (forSeconds: number) => {
      const load = new Program('echo-load.ts', [kind, String(port), String(connections), String(forSeconds)]);
      await load.says(Started);
      const before = cpuMsOf(server.pid);
      const { received } = await load.says(Echoed);
      return ((cpuMsOf(server.pid) - before) * 1000) / Math.max(1, received);
    };
    // The first round warms it up, as our own has been by opening its sessions.
    await run(2);
    return await run(seconds);
  } finally {
    server.end();
  }
}
