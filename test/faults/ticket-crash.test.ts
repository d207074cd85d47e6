import type { Attachment } from '@wheelhouse/protocol/session';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { TestDatabase } from '../harness/database.ts';
import { Listener } from '../harness/listener.ts';
import { refused } from '../harness/refused.ts';
import { type SignedIn, TestServer } from '../harness/server.ts';
import { speak, tone } from '../harness/speech.ts';
import { until } from '../harness/until.ts';

const Attached = z.object({ 'data.lost': z.number() });

/** A ticket is good for 30 seconds; every 5, those that ran out are looked for. */
const UNUSED_MS = 37_000;

describe('a ticket that is out when the server dies', () => {
  let server: TestServer;
  let ada: SignedIn;
  let database: TestDatabase;

  beforeAll(async () => {
    server = await TestServer.start();
    ada = await server.firstOperator();
    database = new TestDatabase(server);
  });
  afterAll(() => server.dispose());

  /** How many ticks each attachment of a session says that a crash took. */
  const lost = async (session: string): Promise<number[]> => {
    const { items } = await ada.api.search(`?kind=session.attached&session=${session}`);
    return items.map(({ fields }) => Attached.parse(fields)['data.lost']).reverse();
  };

  /** Attaches, speaks until sound comes back, and says which number was the last. */
  const talk = async (
    attachment: Attachment,
  ): Promise<{ listener: Awaited<ReturnType<typeof Listener.attach>>; first: number; last: () => number }> => {
    const listener = await Listener.attach(attachment);
    speak(listener.client, tone(8000), 200);
    await until('sound', () => listener.audioFrames().length > 3);
    return { listener, first: listener.fromEngine[0]?.frame.header.sequence ?? 0, last: () => listener.lastSequence };
  };

  it.each(['opened', 'taken up again'] as const)(
    'was used while the database was away, by a session just %s: the next attachment names what is lost, and no number comes twice',
    { timeout: 120_000 },
    async (how) => {
      let attachment = await ada.api.openSession({ deployment: 'echo' });
      const { id } = attachment.session;
      let before = 0;
      if (how === 'taken up again') {
        const { listener, last } = await talk(attachment);
        listener.client.close();
        await until('the session to wait', async () => (await ada.api.session(id)).state === 'waiting');
        before = last();
        attachment = await ada.api.ticket(id);
      }
      database.freeze();
      const away = await talk(attachment);
      expect(away.first).toBeGreaterThan(before);
      await server.kill();
      database.thaw();
      await until('the client to be cut off', () => away.listener.closed);
      await server.run();
      const again = await talk(await ada.api.ticket(id));
      expect(again.first).toBeGreaterThan(away.last());
      expect(again.listener.gateEvent('ready')?.tick).toBeGreaterThanOrEqual(25);
      await until('the attachment in the ledger', async () => (await lost(id)).at(-1) === 25);
      again.listener.client.end();
    },
  );

  it('was never used, and ran out: nothing is taken for lost', { timeout: 120_000 }, async () => {
    const { session } = await ada.api.openSession({ deployment: 'echo' });
    const stands = async () => (await database.query('SELECT rest_tick FROM engine_session WHERE id = $1', [session.id]))[0]?.['rest_tick'];
    expect(await stands()).toBeNull();
    await until('the ticket to run out', async () => (await stands()) === 0, UNUSED_MS);
    await server.kill();
    await server.run();
    const { listener } = await talk(await ada.api.ticket(session.id));
    await until('the attachment in the ledger', async () => (await lost(session.id)).length > 0);
    expect(await lost(session.id)).toEqual([0]);
    expect(listener.gateEvent('ready')?.tick).toBe(0);
    listener.client.end();
  });

  it('was never used when the server was stopped: nothing is taken for lost', { timeout: 90_000 }, async () => {
    const { session } = await ada.api.openSession({ deployment: 'echo' });
    await server.stop();
    await server.run();
    const { listener } = await talk(await ada.api.ticket(session.id));
    await until('the attachment in the ledger', async () => (await lost(session.id)).length > 0);
    expect(await lost(session.id)).toEqual([0]);
    listener.client.end();
  });

  it('is not handed out again while the database hangs', { timeout: 60_000 }, async () => {
    const { listener } = await talk(await ada.api.openSession({ deployment: 'echo' }));
    const id = listener.client.session;
    listener.client.close();
    const stands = async () => (await database.query('SELECT rest_tick FROM engine_session WHERE id = $1', [id]))[0]?.['rest_tick'];
    await until('the rest in the database', async () => (await stands()) !== null);
    database.freeze();
    try {
      expect(await refused(ada.api.ticket(id))).toBe('ledger_unavailable');
    } finally {
      database.thaw();
    }
    await until('the next ticket', async () => ada.api.ticket(id).catch(() => null));
  });
});
