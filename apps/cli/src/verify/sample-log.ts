import { ANN, BOB, KEY, migrate, TestLog, TestTicks } from './test-log.ts';
import type { TestInstallation } from './test-log.ts';
import type pg from 'pg';

export const SESSION = '6f2f3a3e-0d3f-4f0e-9a51-3f1d8a0d2b77';
export const ORDER = '0b7c0c0e-58a2-4d31-8f30-62a4b9a0a001';
export const RELEASE = '0b7c0c0e-58a2-4d31-8f30-62a4b9a0a002';
export const SEGMENTS = 300;

/** Writes a log into an installation: a session of five minutes, stopped for fifty seconds through a key and released by another person. */
export async function writeSample(place: TestInstallation): Promise<{ size: number; checkpoint: string; orderAt: number }> {
  await place.start();
  let orderAt = 0;
  const client = await place.client();
  await migrate(client);
  const log = new TestLog(client, place.identity);
  await log.add('server.started', { version: '0.1.0', node: 'n', stoppedCleanly: true });
  await writePeople(log, client);
  const opened = { session: SESSION, tenant: 'house', deployment: 'relay', model: 'relay-1', level: 3, subject: 'ann' } as const;
  await log.add('session.opened', opened, KEY);
  await client.query(
    "INSERT INTO engine_session (id, tenant, deployment, model, engine, level, opened_by, opened_at) VALUES ($1, 'house', 'relay', 'relay-1', 'relay', 3, 'key-of-ann', now())",
    [SESSION],
  );
  const ticks = new TestTicks(log, SESSION);
  await log.add('session.attached', { session: SESSION, ...ticks.at, lost: 0 });
  for (let i = 0; i < SEGMENTS; i += 1) {
    await ticks.segment(i < 150 || i >= 200 ? 2 : 0);
    if (i % 50 === 0) await log.sign();
    if (i === 149) {
      const given = {
        order: ORDER,
        number: 1,
        kind: 'stop',
        scope: { type: 'everything' },
        reason: 'enough',
        receivedAt: '2026-01-01T00:02:00.000Z',
        gateClosedUs: 120,
        lastByteUs: -30,
        covered: 1,
      } as const;
      orderAt = await log.add('order.given', given, KEY);
      await log.add(
        'order.applied',
        { order: ORDER, part: 1, sessions: [{ session: SESSION, tick: 749, lastSequence: 300, settled: true }] },
        KEY,
      );
    }
    if (i === 199) {
      await log.add('release.asked', { release: RELEASE, latch: ORDER, reason: 'fine again' }, KEY);
      await log.add('latch.released', { release: RELEASE, latch: ORDER, askedBy: 'ann' }, BOB);
    }
  }
  await log.add('session.ended', { session: SESSION, lastTick: SEGMENTS * 5 - 1, head: ticks.at.previous, reason: 'closed' });
  await log.add('server.stopped', { node: 'n' });
  await log.sign();
  place.write('ledger/checkpoint', log.checkpoint);
  await client.end();
  return { size: log.size, checkpoint: log.checkpoint, orderAt };
}

async function writePeople(log: TestLog, client: pg.Client): Promise<void> {
  for (const [person, role] of [
    ['ann', 'operator'],
    ['bob', 'administrator'],
  ] as const) {
    await log.add('person.joined', { person, role, tenant: 'house' });
    await client.query('INSERT INTO person (id, name, email, role, tenant) VALUES ($1, $2, $3, $4, $5)', [
      person,
      `${person} the ${role}`,
      `${person}@example.org`,
      role,
      'house',
    ]);
  }
  await log.add('key.issued', { key: 'key-of-ann', scopes: ['orders:give', 'sessions:read'], tenant: 'house' }, ANN);
  await client.query('INSERT INTO api_key (id, person_id, key, permissions) VALUES ($1, $2, $3, $4)', [
    'key-of-ann',
    'ann',
    'hash',
    '{"wheelhouse":["sessions:read","orders:give"]}',
  ]);
}
