import { randomUUID } from 'node:crypto';
import { appendFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { LedgerEntry } from '@wheelhouse/protocol/ledger-entry';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { EngineProcess } from '../../apps/api/src/engine/engine-process.ts';
import { OrderLog } from '../../apps/api/src/orders/order-log.ts';
import { pino } from 'pino';

function given(number: number): LedgerEntry {
  const by = { kind: 'person', id: 'ada', role: 'operator' } as const;
  const time = '2026-01-01T00:00:00.000Z';
  const data = {
    order: randomUUID(),
    number,
    kind: 'stop',
    scope: { type: 'everything' },
    reason: '',
    receivedAt: time,
    gateClosedUs: 1,
    lastByteUs: null,
    covered: 0,
  } as const;
  return { v: 2, clock: 0, id: randomUUID(), time, by, kind: 'order.given', data };
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

  it('lets nothing start when it is there and can not be read: it holds orders in force', async () => {
    mkdirSync(file);
    await expect(OrderLog.open(file)).rejects.toThrow(/can't be read/);
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
