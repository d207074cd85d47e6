import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { RestrictiveOrder } from '@wheelhouse/protocol/order';
import { ApiClient } from '@wheelhouse/sdk/api-client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { humming, hums, type Member, staysSilent } from '../harness/crowd.ts';
import { TestDatabase } from '../harness/database.ts';
import { Listener } from '../harness/listener.ts';
import { refused } from '../harness/refused.ts';
import { type SignedIn, TestServer } from '../harness/server.ts';
import { speak, tone } from '../harness/speech.ts';
import { until } from '../harness/until.ts';

describe('law 2: stop first, write second; write first, release second', () => {
  let server: TestServer;
  let database: TestDatabase;
  let ada: SignedIn;
  let ben: SignedIn;

  beforeAll(async () => {
    server = await TestServer.start();
    database = new TestDatabase(server);
    ada = await server.firstOperator();
    ben = await server.person(ada, 'operator');
  });
  afterAll(async () => {
    database.thaw();
    await server.dispose();
  });

  const stopOf = (member: Member): RestrictiveOrder => ({
    id: randomUUID(),
    kind: 'stop',
    scope: { type: 'session', session: member.id },
    reason: 'law 2',
  });
  const kept = () => readFileSync(path.join(server.dataFolder, 'orders.wal'), 'utf8');
  const inLedger = (id: string) => until(`order ${id} to be in the ledger`, async () => (await ada.api.orderRecord(id)).entry, 60_000);
  const health = async () => (await fetch(`${server.url}/health/ready`)).status;

  it('stops and says so while the database hangs, refuses a release meanwhile, and stores the order when it is back', async () => {
    const member = await humming(ada.api);
    await hums(member);
    await ben.api.me();
    const before = stopOf(member);
    await ada.api.order({ ...before, kind: 'mute' });
    const asked = await ada.api.askRelease({ id: randomUUID(), kind: 'release', latch: before.id, reason: 'asked in time' });
    database.freeze();
    try {
      const order = stopOf(member);
      const ack = await ada.api.order(order);
      expect(ack.sessions[0]?.settled).toBe(true);
      await until('the write-ahead file to have it', () => kept().includes(order.id));
      // Somebody whom the server has not met yet can't be let in, and is told so.
      expect(await refused(new ApiClient(server.url, { key: 'wh_unknown' }).me())).toBe('ledger_unavailable');
      expect((await ben.api.order({ ...stopOf(member), kind: 'hold' })).sessions).toHaveLength(1);
      expect(await refused(ben.api.confirmRelease(asked.id))).toBe('ledger_unavailable');
      expect(await health()).toBe(503);
      expect((await ada.api.latches()).map((latch) => latch.order)).toEqual(expect.arrayContaining([before.id, order.id]));
      await staysSilent(member, ack.sessions[0]?.lastSequence ?? -1, 300);
      database.thaw();
      await inLedger(order.id);
    } finally {
      database.thaw();
    }
    // What was refused did not happen later, in memory or in the ledger.
    expect((await ada.api.latches()).map((latch) => latch.order)).toContain(before.id);
    expect(await database.query("SELECT 1 FROM ledger_entry WHERE kind = 'latch.released'")).toEqual([]);
    expect((await ada.api.releases()).find((release) => release.id === asked.id)?.state).toBe('waiting');
    await until('health to be green', async () => (await health()) === 200);
    await until('the write-ahead file to be empty', () => kept() === '');
    expect((await ben.api.confirmRelease(asked.id)).state).toBe('confirmed');
    member.hush();
  });

  it('keeps an order given without a database through the death of the server, and stores it once', async () => {
    const member = await humming(ada.api);
    await hums(member);
    const order = stopOf(member);
    database.kill();
    const ack = await ada.api.order(order);
    await until('the write-ahead file to have it', () => kept().includes(order.id));
    await staysSilent(member, ack.sessions[0]?.lastSequence ?? -1, 300);
    await server.kill();
    member.hush();
    await server.run();

    const session = await ada.api.session(member.id);
    expect(session.latched).toContain('stop');
    expect((await ada.api.latches()).find((latch) => latch.order === order.id)?.number).toBe(ack.number);
    await inLedger(order.id);
    const rows = await database.query("SELECT body FROM ledger_entry WHERE kind = 'order.given' AND subject = $1", [order.id]);
    expect(rows).toHaveLength(1);
    // The same order sent again by a client that heard no answer.
    expect(await ada.api.order(order)).toMatchObject({ number: ack.number, repeated: true });

    const again = await Listener.attach(await ada.api.ticket(member.id));
    const speech = speak(again.client, tone(20_000), 200);
    await pause(1200);
    expect(again.fromEngine).toEqual([]);
    const asked = await ben.api.askRelease({ id: randomUUID(), kind: 'release', latch: order.id, reason: 'it is back' });
    await ada.api.confirmRelease(asked.id);
    await until('sound', () => again.lastSequence > (ack.sessions[0]?.lastSequence ?? 0));
    speech.stop();
  });

  it('opens no gate for a release that could not be written, also after a restart', async () => {
    const member = await humming(ada.api);
    const order = stopOf(member);
    await ada.api.order(order);
    await inLedger(order.id);
    const asked = await ada.api.askRelease({ id: randomUUID(), kind: 'release', latch: order.id, reason: 'too late' });
    database.freeze();
    const confirming = refused(ben.api.confirmRelease(asked.id)).catch(() => 'cut off');
    await pause(300);
    await server.kill();
    database.thaw();
    expect(['ledger_unavailable', 'cut off']).toContain(await confirming);
    member.hush();
    await server.run();
    const durable = await database.query("SELECT 1 FROM ledger_entry WHERE kind = 'latch.released' AND subject = $1", [order.id]);
    // Whichever way the commit went: memory says what the ledger says.
    expect((await ada.api.latches()).some((latch) => latch.order === order.id)).toBe(durable.length === 0);
    expect((await ada.api.session(member.id)).latched.includes('stop')).toBe(durable.length === 0);
  });
});
