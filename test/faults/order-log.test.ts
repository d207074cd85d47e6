import { randomUUID } from 'node:crypto';
import { appendFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { LedgerEntry } from '@wheelhouse/protocol/ledger-entry';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { EngineProcess } from '../../apps/api/src/engine/engine-process.ts';
import { OrderLog } from '../../apps/api/src/orders/order-log.ts';
import { pino } from 'pino';
import { TestDatabase } from '../harness/database.ts';
import { OperatorLine } from '../harness/operator-line.ts';
import { type SignedIn, TestServer } from '../harness/server.ts';
import { until } from '../harness/until.ts';

const BY = { kind: 'person', id: 'ada', role: 'operator' } as const;
const TIME = '2026-01-01T00:00:00.000Z';

/** The release of a latch, as two people decide it: it permits, so that it is never written ahead of the ledger. */
function released(latch: string): LedgerEntry {
  const data = { release: randomUUID(), latch, askedBy: 'ann' };
  return { v: 2, clock: 0, id: randomUUID(), time: TIME, by: BY, kind: 'latch.released', data };
}

function given(number: number): LedgerEntry {
  const data = {
    order: randomUUID(),
    number,
    kind: 'stop',
    scope: { type: 'everything' },
    reason: '',
    receivedAt: TIME,
    gateClosedUs: 1,
    lastByteUs: null,
    covered: 0,
  } as const;
  return { v: 2, clock: 0, id: randomUUID(), time: TIME, by: BY, kind: 'order.given', data };
}

describe('the write-ahead file of orders', () => {
  let folder = '';
  let file = '';
  beforeEach(() => {
    folder = mkdtempSync(path.join(os.tmpdir(), 'order-log-'));
    file = path.join(folder, 'orders.wal');
  });
  afterEach(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  const numbers = (entries: readonly LedgerEntry[]) => entries.map((entry) => (entry.kind === 'order.given' ? entry.data.number : -1));

  it('gives back what was written and not yet stored', async () => {
    const { log, left } = await OrderLog.open(file);
    expect(left).toEqual([]);
    const [one, two] = [given(1), given(2)];
    await log.write([one]);
    await log.write([two]);
    await log.stored([one.id]);
    await log.close();
    expect(numbers((await OrderLog.open(file)).left)).toEqual([1, 2]);
  });

  it('is empty when everything is stored', async () => {
    const { log } = await OrderLog.open(file);
    const one = given(1);
    await log.write([one]);
    await log.stored([one.id]);
    await log.close();
    expect(readFileSync(file, 'utf8')).toBe('');
  });

  it('loses only the line that a crash tore, also when it is written to again', async () => {
    const { log } = await OrderLog.open(file);
    await log.write([given(1)]);
    await log.close();
    appendFileSync(file, JSON.stringify(given(2)).slice(0, 60));
    const again = await OrderLog.open(file);
    expect(numbers(again.left)).toEqual([1]);
    await again.log.write([given(3)]);
    await again.log.close();
    expect(numbers((await OrderLog.open(file)).left)).toEqual([1, 3]);
  });

  it.runIf(process.platform === 'linux')('says when the disk is full, and writes again when it is not', async () => {
    const { log } = await OrderLog.open(file);
    const [one, two, three] = [given(1), given(2), given(3)];
    await log.write([one]);
    symlinkSync('/dev/full', `${file}.new`);
    await log.stored([one.id]);
    await expect(log.write([two])).rejects.toThrow('ENOSPC');
    await log.stored([two.id]);
    await log.write([three]);
    await log.close();
    expect(numbers((await OrderLog.open(file)).left)).toEqual([3]);
  });

  it('takes back only what is ever written there, names every other line, and keeps it to be looked at', async () => {
    const { log } = await OrderLog.open(file);
    await log.write([given(1)]);
    await log.close();
    const [forged, torn] = [released(randomUUID()), JSON.stringify(given(9)).slice(0, 40)];
    const lines = [JSON.stringify(forged), torn, '{"kind":"order.given"}', '[]', '7', JSON.stringify(given(2))];
    appendFileSync(file, lines.join('\n'));
    const text = readFileSync(file, 'utf8');
    const again = await OrderLog.open(file);
    expect(numbers(again.left)).toEqual([1, 2]);
    expect(again.damage).toEqual([
      `Line 3 is an entry of kind latch.released (${forged.id}), which is never written there.`,
      'Line 5 is no entry of the ledger.',
      'Line 6 is no entry of the ledger.',
      'Line 7 is no entry of the ledger.',
    ]);
    expect(readFileSync(`${file}.damaged`, 'utf8')).toBe(text);
    // Once the ledger has its entries the file starts anew; the copy stays, and a later one does not take its place.
    await again.log.stored(again.left.map(({ id }) => id));
    await again.log.close();
    appendFileSync(file, '"more"');
    const last = await OrderLog.open(file);
    expect(last.damage).toHaveLength(1);
    await last.log.close();
    expect(readFileSync(`${file}.damaged`, 'utf8')).toBe(text);
  });

  it('is not written what it would not give back', async () => {
    const { log } = await OrderLog.open(file);
    await expect(log.write([released(randomUUID())])).rejects.toThrow('latch.released');
    await log.close();
    expect(readFileSync(file, 'utf8')).toBe('');
  });

  it('lets nothing start when it is there and can not be read: it holds orders in force', async () => {
    mkdirSync(file);
    await expect(OrderLog.open(file)).rejects.toThrow(/can't be read/);
  });
});

describe('a write-ahead file that somebody wrote to', () => {
  let server: TestServer;
  let ada: SignedIn;

  beforeAll(async () => {
    server = await TestServer.start();
    ada = await server.firstOperator();
  });
  afterAll(() => server.dispose());

  it('releases no latch and puts no policy in force: it is told, and what restricts is taken', async () => {
    const latch = randomUUID();
    await ada.api.order({ id: latch, kind: 'stop', scope: { type: 'everything' }, reason: 'stop' });
    const database = new TestDatabase(server);
    await until('the order to be stored', async () => (await ada.api.latches()).length === 1);
    await server.stop();
    const bundle = { bundle: `sha256:${'0'.repeat(64)}`, name: 'mine', bundleText: '{}', proposal: randomUUID() };
    const policy: LedgerEntry = { v: 2, clock: 0, id: randomUUID(), time: TIME, by: BY, kind: 'policy.adopted', data: bundle };
    const order = given(7);
    const text = [released(latch), policy, order].map((entry) => `\n${JSON.stringify(entry)}\n`).join('');
    writeFileSync(path.join(server.dataFolder, 'orders.wal'), text);
    await server.run();
    const latches = await ada.api.latches();
    expect(latches.map((one) => one.order)).toContain(latch);
    expect(latches).toHaveLength(2);
    const line = await OperatorLine.open(server.url, { cookie: ada.cookie });
    const { data } = await line.next('alarm', ({ data: { code } }) => code === 'order_log_damaged');
    expect(data.message).toContain('latch.released');
    line.close();
    const kinds = await database.query("SELECT kind FROM ledger_entry WHERE id IN ($1, $2) OR kind = 'latch.released'", [
      policy.id,
      order.id,
    ]);
    expect(kinds).toEqual([{ kind: 'order.given' }]);
    expect(server.output).toContain('policy.adopted');
  });
});

describe('an engine that can not start', () => {
  it('says why, and how to mend it', async () => {
    const models = mkdtempSync(path.join(os.tmpdir(), 'models-'));
    const engine = new EngineProcess({ models, log: pino({ level: 'silent' }), onState: () => undefined });
    await expect(engine.start()).rejects.toThrow(/is missing.*npm run setup/);
    writeFileSync(path.join(models, 'silero-vad.onnx'), 'not a model');
    await engine.stop();
    rmSync(models, { recursive: true, force: true });
  });
});
