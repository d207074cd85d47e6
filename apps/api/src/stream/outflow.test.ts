import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, connect, type Server, type TLSSocket } from 'node:tls';
import { Gate } from '@wheelhouse/gate/gate';
import { gateWord } from '@wheelhouse/gate/gate-word';
import { LatchTable } from '@wheelhouse/gate/latch-table';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { makeCertificate, type TestCertificate } from '../../../../test/harness/certificate.ts';
import { until } from '../../../../test/harness/until.ts';
import { Outflow } from './outflow.ts';

const FRAME = Buffer.alloc(64 * 1024);

let certificate: TestCertificate;
let server: Server;
let client: TLSSocket;
let wire: TLSSocket;
let table: LatchTable;
let gate: Gate;
let outflow: Outflow;
let missed = 0;

beforeEach(async () => {
  certificate = await makeCertificate();
  server = createServer({ cert: certificate.cert, key: readFileSync(certificate.keyFile) });
  const accepted = new Promise<TLSSocket>((resolve) => server.once('secureConnection', resolve));
  server.listen(0);
  await once(server, 'listening');
  const address = server.address();
  client = connect({ host: 'localhost', port: typeof address === 'object' && address !== null ? address.port : 0, ca: certificate.cert });
  wire = await accepted;
  table = LatchTable.create(1);
  table.setGate(0, gateWord([], 3));
  table.renewLease(Number.MAX_SAFE_INTEGER);
  gate = new Gate(table, 0);
  missed = 0;
  outflow = new Outflow(wire, gate, () => {
    missed += 1;
  });
});
afterEach(() => {
  client.destroy();
  wire.destroy();
  server.close();
  certificate.remove();
});

const send = () =>
  gate.pass('engine', 'audio', 0, () => {
    wire.write(FRAME, outflow.flushed);
    return outflow.went();
  });

test('two frames of one turn both leave, and are settled once TLS has handed them on', async () => {
  client.resume();
  expect(send()).toMatchObject({ left: true, sequence: 1 });
  expect(send()).toMatchObject({ left: true, sequence: 2 });
  expect(table.out(0)).toEqual({ sequence: 2, underWay: true });
  await until('both to be settled', () => !table.out(0).underWay);
  expect(table.out(0)).toEqual({ sequence: 2, underWay: false });
});

test('a client that does not read is found out: nothing more is queued for it, an order is told of it, and reading frees it', async () => {
  client.pause();
  await until('the line to be full', () => {
    send();
    return gate.engineUnderWay;
  });
  expect(send()).toEqual({ left: false, why: 'busy' });
  expect(missed).toBe(0);
  client.resume();
  await until('the line to be free', () => !gate.underWay);
  expect(send()).toMatchObject({ left: true });
});

test('an order that lands while bytes seem to be on their way and are not is told of it', async () => {
  client.pause();
  // Full, so that what is handed over next cannot go on.
  while (wire.write(FRAME)) await new Promise((resolve) => setImmediate(resolve));
  for (let n = 0; n < 100; n += 1) wire.write(FRAME);
  expect(send()).toMatchObject({ left: true });
  table.setGate(0, gateWord(['stop'], 3));
  await until('the order to be told', () => missed === 1);
  expect(gate.engineUnderWay).toBe(true);
});
