import { randomUUID } from 'node:crypto';
import { appendFileSync, cpSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { migrate } from '../../apps/api/src/database/migrations.ts';
import { humming, hums } from '../harness/crowd.ts';
import { TestDatabase } from '../harness/database.ts';
import { Listener } from '../harness/listener.ts';
import { type SignedIn, TestServer } from '../harness/server.ts';
import { speak, tone } from '../harness/speech.ts';
import { until } from '../harness/until.ts';

const MIGRATIONS = path.resolve(import.meta.dirname, '../../prisma/migrations');

describe('a restart', () => {
  let server: TestServer;
  let ada: SignedIn;
  let ben: SignedIn;

  beforeAll(async () => {
    server = await TestServer.start();
    ada = await server.firstOperator();
    ben = await server.person(ada, 'operator');
  });
  afterAll(() => server.dispose());

  it.each(['stop', 'kill'] as const)(
    'by %s leaves what was stopped stopped, and sessions to be taken up again',
    { timeout: 90_000 },
    async (end) => {
      const stopped = await humming(ada.api);
      const free = await humming(ada.api);
      await hums(stopped);
      await hums(free);
      const order = await ada.api.order({ id: randomUUID(), kind: 'stop', scope: { type: 'session', session: stopped.id }, reason: '' });
      await until('the order to be stored', async () => (await ada.api.orderRecord(order.order)).entry);
      const asked = await ada.api.askRelease({ id: randomUUID(), kind: 'release', latch: order.order, reason: 'later' });
      const before = { tick: (await ada.api.session(free.id)).tick, last: free.listener.lastSequence };
      await server[end]();
      if (end === 'stop')
        expect(free.listener.gate.find((event) => event.type === 'error')).toMatchObject({ code: 'server_stopping', fatal: true });
      await until('the clients to be cut off', () => free.listener.closed !== null && stopped.listener.closed !== null);
      for (const member of [stopped, free]) member.hush();
      await server.run();

      expect(await ada.api.session(stopped.id)).toMatchObject({ state: 'waiting', latched: ['stop'] });
      expect(await ada.api.session(free.id)).toMatchObject({ state: 'waiting', latched: [] });
      const again = await Listener.attach(await ada.api.ticket(free.id));
      const held = await Listener.attach(await ada.api.ticket(stopped.id));
      const speeches = [again, held].map((listener) => speak(listener.client, tone(30_000), 200));
      await until('sound in the session that was free', () => again.audioFrames().length > 3);
      // Numbers and ticks go on; after a crash they leap ahead, but nothing is ever numbered twice.
      expect(again.fromEngine[0]?.frame.header.sequence).toBeGreaterThan(before.last);
      expect((await ada.api.session(free.id)).tick).toBeGreaterThanOrEqual(before.tick);
      expect(held.fromEngine).toEqual([]);
      // The release that was asked for before the restart waits still, for another person.
      expect((await ben.api.confirmRelease(asked.id)).state).toBe('confirmed');
      await until('sound after the release', () => held.lastSequence > (order.sessions[0]?.lastSequence ?? 0));
      const next = await ada.api.order({ id: randomUUID(), kind: 'hold', scope: { type: 'session', session: free.id }, reason: '' });
      expect(next.number).toBe(order.number + 1);
      for (const speech of speeches) speech.stop();
      for (const { client } of [again, held]) client.end();
    },
  );

  it('is refused while another server holds the folder, or its port is taken, and says what to do', async () => {
    const second = await TestServer.beside(server);
    await expect(second.run()).rejects.toThrow(/Another Wheelhouse \(process \d+\) uses .*Stop it, or set WHEELHOUSE_DATA/);
    await server.stop();
    const { hostname, port } = new URL(server.url);
    const squatter = createServer().listen(Number(port), '127.0.0.1');
    await expect(server.run(), hostname).rejects.toThrow(/Port \d+ is taken.*WHEELHOUSE_PORT/);
    squatter.close();
    const streams = createServer().listen(Number(new URL(server.streamUrl).port), '127.0.0.1');
    await expect(server.run()).rejects.toThrow(/Port \d+ for streams is taken.*WHEELHOUSE_STREAM_PORT/);
    streams.close();
    await server.run();
    expect((await ada.api.me()).principal.role).toBe('administrator');
  });

  it('migrates once, however many nodes start at once, and refuses history that was edited or is ahead', async () => {
    const url = new TestDatabase(server).ownerUrl();
    const fresh = new pg.Client({ connectionString: url });
    await fresh.connect();
    await fresh.query('CREATE DATABASE beside');
    const beside = url.replace(/\/postgres$/, '/beside');
    const clients = Array.from({ length: 3 }, () => new pg.Client({ connectionString: beside }));
    await Promise.all(clients.map((client) => client.connect()));
    const applied = await Promise.all(clients.map((client) => migrate(client, MIGRATIONS)));
    const folders = readdirSync(MIGRATIONS, { withFileTypes: true }).filter((entry) => entry.isDirectory());
    expect(applied.flat()).toHaveLength(folders.length);
    const [client] = clients;
    if (client === undefined) throw new Error('no client');
    const copy = mkdtempSync(path.join(os.tmpdir(), 'migrations-'));
    cpSync(MIGRATIONS, copy, { recursive: true });
    appendFileSync(path.join(copy, applied.flat()[0] ?? '', 'migration.sql'), '-- one more word\n');
    await expect(migrate(client, copy)).rejects.toThrow(/was changed after it had been applied/);
    rmSync(copy, { recursive: true });
    await client.query(
      "INSERT INTO _prisma_migrations (id, checksum, migration_name, finished_at) VALUES ('x', 'y', '20990101000000_future', now())",
    );
    await expect(migrate(client, MIGRATIONS)).rejects.toThrow(/newer Wheelhouse/);
    await Promise.all(clients.map((one) => one.end()));
    await fresh.end();
  });
});
