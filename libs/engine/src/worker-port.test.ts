import { afterEach, expect, test } from 'vitest';
import { type WorkerPort, openWorkerPort } from './worker-port.ts';

/** A worker that answers strings in capitals, and knows some bad manners. */
const script = `
import { parentPort } from 'node:worker_threads';
parentPort.on('message', ({ id, body }) => {
  if (id === 'end') process.exit(0);
  if (body === 'die') process.exit(7);
  if (body === 'hang') return;
  if (body === 'fail') parentPort.postMessage({ id, code: 'bad_request', message: 'no' });
  else if (body === 'lie') parentPort.postMessage({ id, body: 42 });
  else parentPort.postMessage({ id, body: body.toUpperCase() });
});
parentPort.postMessage({ id: 'ready' });
parentPort.postMessage('nonsense');
parentPort.postMessage({ id: 999, body: 'nobody asked' });
`;

const saying = (text: string): unknown => expect.stringContaining(text);

const open: WorkerPort<string, string>[] = [];
afterEach(() => Promise.all(open.splice(0).map((port) => port.close())));

function start(source: string, deadlineMs = 30_000): WorkerPort<string, string> {
  const port = openWorkerPort<string, string>({
    entry: new URL(`data:text/javascript,${encodeURIComponent(source)}`),
    folder: '',
    parse: (body) => (typeof body === 'string' ? body : null),
    mostPending: 3,
    deadlineMs,
  });
  open.push(port);
  return port;
}

test('asks and is answered, in any number', async () => {
  const port = start(script);
  await port.ready();
  expect(await Promise.all([port.ask('a'), port.ask('b')])).toEqual(['A', 'B']);
  expect(port.pending()).toBe(0);
});

test('a refusal of the worker keeps its code; an answer that is none is the model’s failure', async () => {
  const port = start(script);
  await expect(port.ask('fail')).rejects.toMatchObject({ code: 'bad_request', message: 'no' });
  await expect(port.ask('lie')).rejects.toMatchObject({ code: 'model_failed' });
});

test('a worker that dies fails what it was asked, and the next request has another', async () => {
  const port = start(script);
  await port.ready();
  const asked = [port.ask('die'), port.ask('after')];
  for (const each of asked) await expect(each).rejects.toMatchObject({ code: 'worker_died' });
  expect(await port.ask('again')).toBe('AGAIN');
});

test('a worker that is stuck is replaced', async () => {
  const port = start(script, 3_000);
  await port.ready();
  await expect(port.ask('hang')).rejects.toMatchObject({ code: 'timed_out' });
  expect(await port.ask('again')).toBe('AGAIN');
});

test('too many requests at once are refused', async () => {
  const port = start(script);
  const asked = ['a', 'b', 'c', 'd'].map((text) => port.ask(text));
  await expect(asked[3]).rejects.toMatchObject({ code: 'overloaded' });
  expect(await Promise.all(asked.slice(0, 3))).toEqual(['A', 'B', 'C']);
});

test('a worker that cannot start says so, and does not start over and over', async () => {
  const port = start(`throw new Error('no model here')`);
  await expect(port.ready()).rejects.toMatchObject({ code: 'worker_died', message: saying('no model here') });
  await expect(port.ask('a')).rejects.toMatchObject({ code: 'worker_died' });
});

test('after close nothing is asked', async () => {
  const port = start(script);
  await port.ready();
  await port.close();
  await expect(port.ask('a')).rejects.toMatchObject({ code: 'closed' });
});
