import { ApiClient } from '@wheelhouse/sdk/api-client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TestDatabase } from '../harness/database.ts';
import { refused } from '../harness/refused.ts';
import { type SignedIn, TestServer } from '../harness/server.ts';
import { until } from '../harness/until.ts';

describe('an API key that another takes the place of', () => {
  let server: TestServer;
  let database: TestDatabase;
  let admin: SignedIn;
  let developer: SignedIn;

  beforeAll(async () => {
    server = await TestServer.start();
    database = new TestDatabase(server);
    admin = await server.firstOperator();
    developer = await server.person(admin, 'developer');
  });
  afterAll(() => server.dispose());

  const client = (key: string) => new ApiClient(server.url, { key });
  const works = async (key: string): Promise<boolean> =>
    client(key)
      .sessions()
      .then(
        () => true,
        () => false,
      );
  /** Kinds of the entries about a key, in their order, with who is said to have done it. */
  const entriesOf = async (id: string): Promise<{ kind: string; text: string }[]> => {
    const rows = await database.query('SELECT kind, opening, words FROM ledger_entry WHERE subject = $1 ORDER BY index', [id]);
    return rows.map(({ kind, opening, words }) => ({ kind: String(kind), text: `${String(opening)}${String(words)}` }));
  };
  const kinds = async (id: string) => (await entriesOf(id)).map(({ kind }) => kind);

  it('goes on beside it for a day, with the same name, scopes and length of life', async () => {
    const old = await developer.api.issueKey({ name: 'billing', scopes: ['sessions:read', 'sessions:open'], expiresInDays: 30 });
    expect(await works(old.key)).toBe(true);
    const asked = Date.now();
    const made = await developer.api.rotateKey(old.id);
    expect(made).toMatchObject({ name: 'billing', scopes: old.scopes, replaces: { id: old.id } });
    expect(made.key).not.toBe(old.key);
    expect(Math.round((Date.parse(made.expiresAt ?? '') - asked) / 86_400_000)).toBe(30);
    expect(Math.abs(Date.parse(made.replaces.endsAt) - asked - 86_400_000)).toBeLessThan(60_000);
    expect(await Promise.all([works(old.key), works(made.key)])).toEqual([true, true]);
    expect(await kinds(made.id)).toEqual(['key.issued']);
    expect(await kinds(old.id)).toEqual(['key.issued']);
    // Its end is shown to its holder; and nothing takes its place twice.
    const shown = await fetch(`${server.url}/v1/keys`, { headers: { cookie: developer.cookie } });
    expect(await shown.text()).toContain(made.replaces.endsAt);
    expect(await refused(developer.api.rotateKey(old.id))).toBe('conflict');
  });

  it('ends when the overlap is over, to the moment, and the ledger says so', async () => {
    const old = await server.key(developer, ['sessions:read']);
    const made = await developer.api.rotateKey(old.id, { overlapSeconds: 2 });
    // It is known, so that its end is looked at in memory.
    expect(await works(old.key)).toBe(true);
    await until('the end', () => Date.now() > Date.parse(made.replaces.endsAt));
    expect(await refused(old.api.sessions())).toBe('unauthenticated');
    expect(await works(made.key)).toBe(true);
    await until('the entry', async () => (await kinds(old.id)).includes('key.revoked'));
    expect(await kinds(old.id)).toEqual(['key.issued', 'key.revoked']);
    expect(await database.query('SELECT id FROM api_key WHERE id = $1', [old.id])).toEqual([]);
    expect(await refused(developer.api.rotateKey(old.id))).toBe('not_found');
  });

  it('ends at once where there is no overlap', async () => {
    const old = await server.key(developer, ['sessions:read']);
    expect(await works(old.key)).toBe(true);
    const made = await developer.api.rotateKey(old.id, { overlapSeconds: 0, expiresInDays: 7 });
    expect(await Promise.all([works(old.key), works(made.key)])).toEqual([false, true]);
    await until('the entry', async () => (await kinds(old.id)).includes('key.revoked'));
  });

  it('ends while the server is down, and is recorded when it is back', async () => {
    const old = await server.key(developer, ['sessions:read']);
    const made = await developer.api.rotateKey(old.id, { overlapSeconds: 1 });
    await server.stop();
    await until('the end', () => Date.now() > Date.parse(made.replaces.endsAt));
    await server.run();
    expect(await works(old.key)).toBe(false);
    expect(await works(made.key)).toBe(true);
    await until('the entry', async () => (await kinds(old.id)).includes('key.revoked'));
    // By the person who had it so.
    expect((await entriesOf(old.id)).at(-1)?.text).toContain((await developer.api.me()).principal.person);
  });

  it('can be revoked before', async () => {
    const old = await server.key(developer, ['sessions:read']);
    await developer.api.rotateKey(old.id);
    await developer.api.revokeKey(old.id);
    expect(await works(old.key)).toBe(false);
    await until('the entry', async () => (await kinds(old.id)).length === 2);
  });

  it('is its holder’s alone to rotate: not an administrator’s, not another’s, not the key’s own', async () => {
    const held = await server.key(developer, ['sessions:read']);
    const other = await server.person(admin, 'developer');
    for (const by of [admin, other]) expect(await refused(by.api.rotateKey(held.id))).toBe('not_found');
    expect(await refused(held.api.rotateKey(held.id))).toBe('forbidden');
    expect(await refused(developer.api.rotateKey('nonsense'))).toBe('not_found');
    for (const overlapSeconds of [-1, 604_801, 1.5])
      expect(await refused(developer.api.rotateKey(held.id, { overlapSeconds }))).toBe('malformed');
    expect(await refused(developer.api.rotateKey(held.id, { expiresInDays: 366 }))).toBe('malformed');
    expect(await works(held.key)).toBe(true);
    expect(await kinds(held.id)).toEqual(['key.issued']);
  });
});
