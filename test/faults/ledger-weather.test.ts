import { randomUUID } from 'node:crypto';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { humming, hums, staysSilent } from '../harness/crowd.ts';
import { TestDatabase } from '../harness/database.ts';
import { type SignedIn, TestServer } from '../harness/server.ts';
import { until } from '../harness/until.ts';

const HOOK = path.resolve(import.meta.dirname, '../harness/clock-hook.ts');
/** What PostgreSQL says when no more can be written: error 53100. */
const FULL = `CREATE FUNCTION disk_is_full() RETURNS trigger LANGUAGE plpgsql AS
  $$ BEGIN RAISE EXCEPTION 'could not extend file: No space left on device' USING ERRCODE = 'disk_full'; END $$;
  CREATE TRIGGER disk_is_full BEFORE INSERT ON ledger_entry EXECUTE FUNCTION disk_is_full()`;

describe('what befalls the ledger from outside', () => {
  let server: TestServer;
  let database: TestDatabase;
  let ada: SignedIn;

  beforeAll(async () => {
    server = await TestServer.start();
    database = new TestDatabase(server);
    ada = await server.firstOperator();
    await server.stop();
    await server.run(['--import', HOOK]);
  });
  afterAll(() => server.dispose());

  const ready = async () => (await fetch(`${server.url}/health/ready`)).status === 200;

  it('a disk that is full: nothing permissive is done, what restricts is, engines fall silent; all is written once there is room', async () => {
    const member = await humming(ada.api);
    await hums(member);
    await database.query(FULL);
    await expect(ada.api.openSession({ deployment: 'echo' })).rejects.toMatchObject({ problem: { code: 'ledger_unavailable' } });
    const { order } = await ada.api.order({ id: randomUUID(), kind: 'whisper', scope: { type: 'everything' }, text: 'x', reason: '' });
    await until('the leases to end', async () => !(await ready()));
    await staysSilent(member, member.listener.lastSequence, 600);
    await database.query('DROP TRIGGER disk_is_full ON ledger_entry; DROP FUNCTION disk_is_full');
    await until('the ledger to keep up again', ready);
    expect(await until('the order to be stored', async () => (await ada.api.orderRecord(order)).entry)).toBeGreaterThan(0);
    await hums(member);
    member.hush();
  });

  it('a clock that is set back: the step is recorded, and order comes from the place in the ledger', async () => {
    const before = await ada.api.order({ id: randomUUID(), kind: 'whisper', scope: { type: 'everything' }, text: 'x', reason: '' });
    const first = await until('the order to be stored', async () => (await ada.api.orderRecord(before.order)).entry);
    process.kill(server.pid, 'SIGUSR2');
    const found = () => ada.api.search('?kind=clock.stepped');
    const [step] = await until('the step to be recorded', async () => ((await found()).items.length > 0 ? (await found()).items : null));
    expect(step?.fields['data.byMs']).toBeLessThan(-590_000);
    expect(step?.index).toBeGreaterThan(first);
  });
});
