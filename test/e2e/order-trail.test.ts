import { randomUUID } from 'node:crypto';
import type { FoundEntry } from '@wheelhouse/protocol/export';
import { SessionEffect } from '@wheelhouse/protocol/order';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { humming, hums } from '../harness/crowd.ts';
import { TestDatabase } from '../harness/database.ts';
import { type SignedIn, TestServer } from '../harness/server.ts';
import { until } from '../harness/until.ts';

const REASON = 'he said his card number aloud';

describe('the trail of an order', () => {
  let server: TestServer;
  let ada: SignedIn;
  let bob: SignedIn;

  beforeAll(async () => {
    server = await TestServer.start();
    ada = await server.firstOperator();
    bob = await server.person(ada, 'administrator');
  });
  afterAll(() => server.dispose());

  /** The entry of a kind, once it is in the ledger. */
  const entry = (kind: string): Promise<FoundEntry> =>
    until(`an entry ${kind}`, async () => (await ada.api.search(`?kind=${kind}`)).items[0] ?? null);
  const effectIn = (found: FoundEntry) => z.array(SessionEffect).parse(found.fields['data.sessions'])[0];

  it('leads from what was decided to what it met, what was seen, and how it ended; each names the one before', async () => {
    const member = await humming(ada.api);
    await hums(member);
    const id = randomUUID();
    const ack = await ada.api.order({ id, kind: 'mute', scope: { type: 'session', session: member.id }, reason: REASON });
    const given = await entry('order.given');
    const applied = await entry('order.applied');
    const observed = await entry('order.observed');
    expect([applied.fields['cause'], observed.fields['cause']]).toEqual([given.id, applied.id]);
    expect(String(given.fields['policy'])).toMatch(/^sha256:/);
    expect(given.fields).toMatchObject({ charter: 'two-people/1', 'data.reason': REASON });
    const [met, seen] = [effectIn(applied), effectIn(observed)];
    // What the stream threads' evidence shows later is what the gate had said at once: not a frame more.
    expect(seen).toMatchObject({ session: member.id, lastSequence: ack.sessions[0]?.lastSequence });
    expect(seen?.tick).toBeGreaterThan(met?.tick ?? Infinity);

    const release = await ada.api.askRelease({ id: randomUUID(), kind: 'release', latch: id, reason: 'he is gone' });
    await bob.api.confirmRelease(release.id);
    const asked = await entry('release.asked');
    const released = await entry('latch.released');
    const opened = await entry('release.applied');
    expect([asked.fields['cause'], released.fields['cause'], opened.fields['cause']]).toEqual([given.id, asked.id, released.id]);
    expect(effectIn(opened)?.session).toBe(member.id);
    await hums(member);
    member.hush();
  });

  it('keeps the words that people typed out of the database, but for those who may read them', async () => {
    const rows = await new TestDatabase(server).query('SELECT body, opening, words FROM ledger_entry');
    expect(rows.some(({ words }) => words !== null)).toBe(true);
    expect(JSON.stringify(rows)).not.toContain(REASON);
  });
});
