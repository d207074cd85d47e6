import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { type Server, connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { TickAnswer } from '@wheelhouse/protocol/engine-tick';
import type { Engine } from './engine.ts';
import { echoEngine } from './echo.ts';
import { type EngineClient, connectEngine } from './engine-client.ts';
import { type EngineHost, serveEngine } from './engine-host.ts';
import { encodeFromEngine, encodeToEngine } from './engine-wire.ts';
import { modelsFolder } from './models.fixture.ts';

/** Waits as long as a busy machine may take; passes as soon as it holds. */
const eventually = (check: () => void): Promise<void> => vi.waitFor(check, { timeout: 30_000, interval: 5 });
const containing = (text: string): unknown => expect.stringContaining(text);

let folder = '';
let socketPath = '';
const undo: (() => unknown)[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'engine-'));
  socketPath = process.platform === 'win32' ? `\\\\.\\pipe\\${folder.split('\\').at(-1) ?? ''}` : join(folder, 'e.sock');
});
afterEach(async () => {
  for (const each of undo.splice(0).reverse()) await each();
  await rm(folder, { recursive: true, force: true });
});

const tick = (number: number, level = number): { tick: number; audio: Int16Array; texts: string[]; whispers: string[] } => ({
  tick: number,
  audio: new Int16Array(3_200).fill(level),
  texts: [],
  whispers: [],
});

/** A client that writes down all that it is told. */
function connected(): { client: EngineClient; log: string[]; answers: [number, TickAnswer][] } {
  const log: string[] = [];
  const answers: [number, TickAnswer][] = [];
  const client = connectEngine({
    socketPath,
    onOpened: (slot) => log.push(`opened ${slot}`),
    onAnswer: (slot, answer) => answers.push([slot, answer]),
    onFailed: (slot, problem) => log.push(`failed ${slot ?? 'all'} ${problem.code}`),
    onTrouble: (slot, message) => log.push(`trouble ${slot} ${message}`),
    onClosed: (reason) => log.push(reason === null ? 'closed' : 'lost'),
  });
  undo.push(() => {
    client.close();
  });
  return { client, log, answers };
}

async function serve(...engines: Engine[]): Promise<EngineHost> {
  const host = await serveEngine({ socketPath, engines });
  undo.push(() => host.close());
  return host;
}

type Child = ChildProcessByStdio<Writable, Readable, null>;

async function start(kinds: string, models = modelsFolder): Promise<{ child: Child; first: unknown }> {
  const entry = fileURLToPath(new URL('./engine-process.ts', import.meta.url));
  const child = spawn(process.execPath, [entry, socketPath, models, kinds], { stdio: ['pipe', 'pipe', 'inherit'] });
  undo.push(() => child.kill('SIGKILL'));
  const lines: unknown[] = await once(child.stdout, 'data');
  const first: unknown = JSON.parse(String(lines[0]));
  return { child, first };
}

test('echo over a real process: every tick of every session comes back to its own slot', async () => {
  const { first } = await start('echo');
  expect(first).toEqual({ ready: true });
  const { client, log, answers } = connected();
  for (let slot = 0; slot < 100; slot += 1) expect(client.open(slot, 'echo', `session-${slot}`)).toBe(true);
  for (let number = 0; number < 3; number += 1) {
    for (let slot = 0; slot < 100; slot += 1) client.queueTick(slot, tick(number, slot));
    client.flush();
    await eventually(() => {
      expect(answers.length).toBe((number + 1) * 100);
    });
  }
  expect(log.filter((line) => line.startsWith('opened')).length).toBe(100);
  for (const [slot, answer] of answers)
    expect([answer.audio?.length, answer.audio?.[7], answer.audio?.[3_199]]).toEqual([3_200, slot, slot]);
});

test('a process that is killed outright is noticed, and its successor serves on the same path', async () => {
  const { child } = await start('echo');
  const { client, log } = connected();
  client.open(1, 'echo', 'a');
  await eventually(() => {
    expect(log).toEqual(['opened 1']);
  });
  child.kill('SIGKILL');
  await eventually(() => {
    expect(log).toEqual(['opened 1', 'lost']);
  });
  expect(client.queueTick(1, tick(0))).toBe(false);
  expect(client.flush()).toBe(true);
  await start('echo');
  const again = connected();
  again.client.open(1, 'echo', 'a');
  await eventually(() => {
    expect(again.log).toEqual(['opened 1']);
  });
});

test('the process ends with its parent’s pipe, and on SIGTERM', async () => {
  const one = await start('echo');
  one.child.stdin.end();
  expect(await once(one.child, 'exit')).toEqual([0, null]);
  const two = await start('echo');
  two.child.kill('SIGTERM');
  expect(await once(two.child, 'exit')).toEqual([0, null]);
});

test('a process without its weights says which file is missing, and ends', async () => {
  const { child, first } = await start('relay,echo', join(folder, 'nowhere'));
  expect(first).toMatchObject({ ready: false, code: 'weights_missing', message: containing('npm run setup') });
  expect(await once(child, 'exit')).toEqual([1, null]);
});

test('the relay process answers ticks', async () => {
  await start('relay');
  const { client, log, answers } = connected();
  client.open(5, 'relay', 'a');
  client.open(6, 'echo', 'b');
  client.queueTick(5, { ...tick(0, 0), texts: ['hello'] });
  client.flush();
  await eventually(() => {
    expect(answers[0]).toEqual([5, { tick: 0, audio: null, said: '', heard: [], yielded: false }]);
  });
  expect(log).toEqual(['opened 5', 'failed 6 engine_failed']);
  client.closeSlot(5);
});

test('a stream that throws ends alone; one that is in trouble goes on', async () => {
  await serve({
    kind: 'relay',
    model: 'none',
    open: ({ id, onTrouble }) => ({
      tick: (input) => {
        if (id === 'bad') return Promise.reject(new Error('broken'));
        onTrouble?.('hearing failed');
        return Promise.resolve({ tick: input.tick, audio: null, said: 'x'.repeat(9_000), heard: [], yielded: true });
      },
      close: () => undefined,
    }),
  });
  const { client, log, answers } = connected();
  client.open(1, 'relay', 'bad');
  client.open(2, 'relay', 'good');
  client.queueTick(1, tick(0));
  client.queueTick(2, tick(0));
  client.flush();
  await eventually(() => {
    expect(answers.length).toBe(1);
  });
  expect(log).toEqual(['opened 1', 'opened 2', 'trouble 2 hearing failed', 'failed 1 engine_failed']);
  expect(answers[0]?.[1].said.length).toBe(1_365);
  expect(client.queueTick(1, tick(1))).toBe(false);
});

test('a slow engine keeps one tick waiting and drops the rest', async () => {
  const seen: number[] = [];
  const released = Promise.withResolvers<undefined>();
  await serve({
    kind: 'relay',
    model: 'none',
    open: () => ({
      tick: async (input) => {
        seen.push(input.tick);
        if (input.tick === 0) await released.promise;
        return { tick: input.tick, audio: null, said: '', heard: [], yielded: false };
      },
      close: () => undefined,
    }),
  });
  const { client, answers } = connected();
  client.open(1, 'relay', 'a');
  for (let number = 0; number < 6; number += 1) {
    expect(client.queueTick(1, tick(number))).toBe(true);
    client.flush();
  }
  client.open(2, 'relay', 'b');
  client.queueTick(2, tick(9));
  client.flush();
  await eventually(() => {
    expect(answers.map(([slot]) => slot)).toEqual([2]);
  });
  released.resolve(undefined);
  await eventually(() => {
    expect(answers.map(([slot, { tick: number }]) => [slot, number])).toEqual([
      [2, 9],
      [1, 0],
      [1, 1],
    ]);
  });
  expect(seen).toEqual([0, 9, 1]);
});

test('a client that sends garbage is told and cut off, and others are not disturbed', async () => {
  await serve(echoEngine);
  const other = connected();
  other.client.open(1, 'echo', 'a');
  const rude = connect(socketPath);
  rude.write(encodeToEngine({ type: 'open', slot: 3, kind: 'echo', session: 'x' }));
  rude.write(Buffer.from('GET / HTTP/1.1\r\n\r\n'));
  rude.resume();
  await once(rude, 'close');
  other.client.queueTick(1, tick(0));
  other.client.flush();
  await eventually(() => {
    expect(other.answers.length).toBe(1);
  });
});

/** An engine of the worst kind: it answers each connection with the given bytes. */
async function hostile(bytes: Uint8Array): Promise<Server> {
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.once('data', () => socket.write(bytes));
  });
  server.listen(socketPath);
  await once(server, 'listening');
  undo.push(() => server.close());
  return server;
}

const answerOf = (slot: number, number: number): Uint8Array =>
  encodeFromEngine({ type: 'answers', answers: [{ slot, answer: { tick: number, audio: null, said: 'hi', heard: [], yielded: false } }] });

test.each([
  ['garbage', Buffer.from('no engine speaks like this'), ['failed all garbage', 'lost']],
  ['a message too large', Uint8Array.of(255, 255, 255, 127, 66, 0, 0, 0), ['failed all garbage', 'lost']],
  ['a slot that was never opened', answerOf(77, 0), ['failed all unknown_slot']],
  ['a tick that was never sent', answerOf(0, 5), ['failed 9 wrong_tick']],
  ['an answer given twice', Buffer.concat([answerOf(0, 0), answerOf(0, 0)]), ['failed 9 wrong_tick']],
])('a hostile engine: %s', async (_name, bytes, expected) => {
  await hostile(bytes);
  const { client, log } = connected();
  client.open(9, 'echo', 'a');
  client.queueTick(9, tick(0));
  client.flush();
  await eventually(() => {
    expect(log).toEqual(expected);
  });
});

test('a slot that is used again gets nothing of its former session', async () => {
  await hostile(
    Buffer.concat([
      encodeFromEngine({ type: 'opened', slot: 0 }),
      encodeFromEngine({ type: 'opened', slot: 1 }),
      answerOf(0, 0),
      answerOf(1, 1),
    ]),
  );
  const { client, log, answers } = connected();
  client.open(9, 'echo', 'former');
  client.queueTick(9, tick(0));
  client.closeSlot(9);
  expect(client.open(9, 'echo', 'next')).toBe(true);
  client.queueTick(9, tick(1));
  client.flush();
  await eventually(() => {
    expect(answers.map(([slot, answer]) => [slot, answer.tick])).toEqual([[9, 1]]);
  });
  expect(log).toEqual(['opened 9']);
});

test('what cannot be sent is refused at once', async () => {
  await serve(echoEngine);
  const { client } = connected();
  expect(client.open(1, 'echo', 'x'.repeat(300))).toBe(false);
  expect(client.open(1, 'echo', 'a')).toBe(true);
  expect(client.open(1, 'echo', 'a')).toBe(false);
  expect(client.queueTick(2, tick(0))).toBe(false);
  expect(client.queueTick(1, { ...tick(0), audio: new Int16Array(10) })).toBe(false);
  expect(client.queueTick(1, tick(3))).toBe(true);
  expect(client.queueTick(1, tick(3))).toBe(false);
});

test('nobody there: the connection is lost, nothing throws', async () => {
  const { client, log } = connected();
  client.open(1, 'echo', 'a');
  client.flush();
  await eventually(() => {
    expect(log).toEqual(['lost']);
  });
});

test('a path that is served already is not taken over', async () => {
  await serve(echoEngine);
  await expect(serveEngine({ socketPath, engines: [echoEngine] })).rejects.toMatchObject({ code: 'EADDRINUSE' });
  const { client, log } = connected();
  client.open(1, 'echo', 'a');
  await eventually(() => {
    expect(log).toEqual(['opened 1']);
  });
});
