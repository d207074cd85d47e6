import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { openCheckpoint, signCheckpoint } from '@wheelhouse/ledger/checkpoint';
import { verifyEd25519 } from '@wheelhouse/installation/node-crypto';
import fc from 'fast-check';
import type pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { reportText } from './report-text.ts';
import { RELEASE, SEGMENTS, SESSION, writeSample } from './sample-log.ts';
import { TestInstallation, testKey } from './test-log.ts';
import { verify } from './verify-command.ts';
import { verifyLog } from './verify-log.ts';

const place = new TestInstallation();
let size = 0;
let checkpoint = '';
let orderAt = 0;

beforeAll(async () => {
  ({ size, checkpoint, orderAt } = await writeSample(place));
});

afterAll(() => place.remove());

const check = (client: pg.Client, changes: Partial<Parameters<typeof verifyLog>[0]> = {}) =>
  verifyLog({
    client,
    key: place.identity.key,
    checkpoint,
    cosigned: { checkpoint: null, witnesses: [] },
    live: true,
    now: new Date(),
    session: null,
    onProgress: () => undefined,
    ...changes,
  });

/** Runs statements as somebody with every right over the database would: with the triggers off. */
async function behindItsBack(client: pg.Client, statements: readonly string[]): Promise<void> {
  const tables = ['entry', 'tile', 'head'];
  for (const table of tables) await client.query(`ALTER TABLE ledger_${table} DISABLE TRIGGER ledger_${table}_append_only`);
  for (const statement of statements) await client.query(statement);
  for (const table of tables) await client.query(`ALTER TABLE ledger_${table} ENABLE ALWAYS TRIGGER ledger_${table}_append_only`);
}

async function on<T>(opening: Promise<pg.Client>, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = await opening;
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

async function found(statements: readonly string[]): Promise<string[]> {
  const report = await on(place.copy(), async (client) => {
    await behindItsBack(client, statements);
    return check(client);
  });
  expect(report.ok).toBe(false);
  return report.findings.map(({ code, index }) => (index === undefined ? code : `${code} ${index}`));
}

const FLIP = (column: string, at: number) => `set_byte(${column}, ${at}, get_byte(${column}, ${at}) # 1)`;
const SWAP = `WITH pair AS (SELECT index, id, kind, subject, body, leaf_hash, opening FROM ledger_entry WHERE index IN (20, 21))
  UPDATE ledger_entry e SET kind = p.kind, subject = p.subject, body = p.body, leaf_hash = p.leaf_hash, opening = p.opening FROM pair p WHERE e.index IN (20, 21) AND p.index = 41 - e.index`;

describe('wheelhouse verify', () => {
  it('finds a whole log whole, and tells the story of a session', async () => {
    const report = await on(place.client(), (client) => check(client, { session: SESSION }));
    expect(report).toMatchObject({
      ok: true,
      entries: size,
      faults: 0,
      notes: 0,
      checkpointFile: size,
      tiles: 1,
      heads: { checked: 8, matched: 8, sealed: size },
    });
    expect(report).toMatchObject({
      sessions: { total: 1, open: 0, ticks: 1500 },
      orders: { total: 1, inForce: 0 },
      records: { sessions: 1, people: 2, keys: 1 },
    });
    expect(report.session).toMatchObject({
      ticks: [{ fromTick: 0, toTick: 1499, firstOut: 0, lastOut: 500 }],
      orders: [
        {
          number: 1,
          kind: 'stop',
          by: 'ann the operator (ann) with API key key-of-ann',
          entry: orderAt,
          met: { tick: 749, lastSequence: 300 },
        },
      ],
      proofs: { checked: SEGMENTS + 7, good: SEGMENTS + 7, size },
    });
    const text = reportText(report);
    expect(text).toContain('took effect in tick 749, last frame out #300');
    expect(text).toContain('asked by ann the operator (ann), confirmed by bob the administrator (bob)');
    expect(text.startsWith(`Verified: ${size} entries, all under a signed head`)).toBe(true);
  });

  it.each<[string, string[], string[]]>([
    [
      'a byte of a body',
      [`UPDATE ledger_entry SET body = replace(body, '"v":2', '"v":3') WHERE index = 4`],
      ['leaf_hash_differs 4', 'root_differs', 'tile_differs 4', 'entry_shape 4'],
    ],
    [
      'a field',
      [`UPDATE ledger_entry SET opening = replace(opening, '"data.level",3]', '"data.level",4]') WHERE index = 4`],
      ['fields_differ 4'],
    ],
    ['a field that is left out', [`UPDATE ledger_entry SET opening = (opening::json->0)::text WHERE index = 4`], ['fields_differ 4']],
    [
      'a field that is withheld under another commitment',
      [`UPDATE ledger_entry SET opening = '["' || encode(sha256('x'), 'base64') || '"]' WHERE index = 4`],
      ['fields_differ 4'],
    ],
    ['a space in a body', [`UPDATE ledger_entry SET body = body || ' ' WHERE index = 4`], ['leaf_hash_differs 4', 'entry_unreadable 4']],
    [
      'a body and its leaf hash',
      [
        `UPDATE ledger_entry SET body = replace(body, 'given', 'gïven'), leaf_hash = sha256('\\x00'::bytea || convert_to(replace(body, 'given', 'gïven'), 'UTF8')) WHERE kind = 'order.given'`,
      ],
      ['root_differs', 'tile_differs 156'],
    ],
    ['a leaf hash', [`UPDATE ledger_entry SET leaf_hash = ${FLIP('leaf_hash', 3)} WHERE index = 20`], ['leaf_hash_differs 20']],
    ['a tile', [`UPDATE ledger_tile SET hashes = ${FLIP('hashes', 32 * 70)}`], ['tile_differs 70']],
    ['a tile that is gone', ['DELETE FROM ledger_tile'], ['tile_missing']],
    ['a tile too many', [`INSERT INTO ledger_tile SELECT 3, 9, hashes FROM ledger_tile`], ['tile_unexpected']],
    ['the root of a head', [`UPDATE ledger_head SET root = ${FLIP('root', 0)} WHERE size = 7`], ['head_column_differs']],
    ['the size of a head', ['UPDATE ledger_head SET size = 8 WHERE size = 7'], ['head_column_differs']],
    [
      'the signature of a head',
      [`UPDATE ledger_head SET checkpoint = overlay(checkpoint placing 'AAAA' from length(checkpoint) - 20) WHERE size = 7`],
      ['head_not_genuine'],
    ],
    ['the kind column', [`UPDATE ledger_entry SET kind = 'server.stopped' WHERE index = 20`], ['entry_column_differs 20']],
    ['the subject column', ['UPDATE ledger_entry SET subject = NULL WHERE index = 20'], ['entry_column_differs 20']],
    ['the time column', [`UPDATE ledger_entry SET at = at + interval '1 s' WHERE index = 20`], ['entry_column_differs 20']],
    ['the person column', [`UPDATE ledger_entry SET person = 'eve' WHERE kind = 'order.given'`], ['entry_column_differs 156']],
    ['the id column', ['UPDATE ledger_entry SET id = gen_random_uuid() WHERE index = 20'], ['entry_column_differs 20']],
    [
      'an entry that is gone',
      ['DELETE FROM ledger_entry WHERE index = 20'],
      ['index_missing 21', 'root_differs', 'ticks_missing 21', 'chain_broken 21'],
    ],
    ['entries that were swapped', [SWAP], ['root_differs', 'tile_differs 20', 'entry_column_differs 20', 'ticks_missing 20']],
    [
      'an end that was cut off',
      ['DELETE FROM ledger_entry WHERE index > 250', 'DELETE FROM ledger_head WHERE size > 251', 'DELETE FROM ledger_tile'],
      ['head_not_reached'],
    ],
    ['an end that was cut off without its heads', ['DELETE FROM ledger_entry WHERE index > 250'], ['head_not_reached', 'heads_beyond']],
    ['heads that are gone', ['DELETE FROM ledger_head WHERE size > 100'], ['head_missing']],
    [
      'every entry gone',
      ['DELETE FROM ledger_entry', 'DELETE FROM ledger_tile', 'DELETE FROM ledger_head'],
      ['head_not_reached', 'session_not_in_ledger', 'person_not_in_ledger'],
    ],
    ["a session's row", [`UPDATE engine_session SET level = 5`], ['session_row_differs 4']],
    ["a session's owner", [`UPDATE engine_session SET opened_by = 'bob'`], ['session_row_differs 4']],
    ["a session's row that is gone", ['DELETE FROM engine_session'], ['session_row_missing 4']],
    [
      'a session that was never opened',
      [
        `INSERT INTO engine_session SELECT gen_random_uuid(), tenant, deployment, model, engine, level, opened_by, opened_at FROM engine_session`,
      ],
      ['session_not_in_ledger'],
    ],
    ["a person's role", [`UPDATE person SET role = 'administrator' WHERE id = 'ann'`], ['person_row_differs 1']],
    [
      'a person who never joined',
      [`INSERT INTO person (id, name, email, role, tenant) VALUES ('eve', 'Eve', 'e@e', 'administrator', 'house')`],
      ['person_not_in_ledger'],
    ],
    ["an API key's scopes", [`UPDATE api_key SET permissions = '{"wheelhouse":["ledger:read"]}'`], ['key_row_differs']],
    ["an API key's holder", [`UPDATE api_key SET person_id = 'bob'`], ['key_row_differs']],
    [
      'an API key that was never issued',
      [`INSERT INTO api_key (id, person_id, key, created_at) VALUES ('k', 'bob', 'x', '2026-01-01')`],
      ['key_not_in_ledger'],
    ],
    [
      'the guard',
      [
        'DROP TRIGGER ledger_head_append_only ON ledger_head',
        'CREATE TRIGGER ledger_head_append_only BEFORE UPDATE ON ledger_head FOR EACH STATEMENT EXECUTE FUNCTION ledger_is_append_only()',
      ],
      ['guard_off'],
    ],
  ])('names %s', async (_, statements, expected) => {
    expect(await found(statements)).toEqual(expect.arrayContaining(expected));
  });

  it.each(['body', 'opening'])('finds any byte of any %s that was changed', (column) =>
    on(place.copy(), async (client) => {
      const codes = column === 'body' ? ['leaf_hash_differs', 'root_differs'] : ['fields_differ'];
      await fc.assert(
        fc.asyncProperty(fc.nat(size - 1), fc.nat(), fc.integer({ min: 32, max: 126 }), async (index, at, char) => {
          const { rows } = await client.query<{ text: string }>(`SELECT ${column} AS text FROM ledger_entry WHERE index = $1`, [index]);
          const text = rows[0]?.text ?? '';
          const changed = text.slice(0, at % text.length) + String.fromCharCode(char) + text.slice((at % text.length) + 1);
          fc.pre(changed !== text);
          const put = async (to: string) => {
            await client.query("SELECT set_config('test.text', $1, false)", [to]);
            await behindItsBack(client, [`UPDATE ledger_entry SET ${column} = current_setting('test.text') WHERE index = ${index}`]);
          };
          await put(changed);
          const { findings } = await check(client);
          await put(text);
          expect(findings).toEqual(expect.arrayContaining(codes.map((code): unknown => expect.objectContaining({ code }))));
        }),
        { numRuns: 15 },
      );
      expect((await check(client)).ok).toBe(true);
    }),
  );

  it('believes no other key, nor a log that another key has signed anew', () =>
    on(place.client(), async (client) => {
      const other = testKey();
      const report = await check(client, { key: other.key });
      expect(report.ok).toBe(false);
      expect(report.findings.filter(({ code }) => code === 'head_not_genuine')).toHaveLength(8);
      const opened = await openCheckpoint(checkpoint, { origin: place.identity.origin, keys: [place.identity.key] }, verifyEd25519);
      if (!opened.ok) throw new Error(opened.message);
      const forged = await signCheckpoint(opened.value.checkpoint, other.signer);
      expect((await check(client, { checkpoint: forged })).findings).toMatchObject([{ code: 'head_not_genuine', severity: 'fault' }]);
      expect((await check(client, { checkpoint: null })).findings).toMatchObject([{ code: 'checkpoint_file_missing', severity: 'note' }]);
    }));

  it('says what no head seals yet, and that it knows no such session', () =>
    on(place.copy(), async (client) => {
      await behindItsBack(client, [`DELETE FROM ledger_head WHERE size = ${size}`]);
      const early = await check(client, { checkpoint: null, session: RELEASE });
      expect(early.findings).toMatchObject([
        { code: 'session_unknown' },
        { code: 'entries_not_sealed', severity: 'note' },
        { code: 'checkpoint_file_missing' },
      ]);
    }));
});

describe('where the log is', () => {
  const none = { databaseUrl: null, apiKey: null, witnesses: null, watermarkKey: { key: null, file: null } };
  const settings = (changes: object = {}) => ({ dataFolder: place.folder, ...none, ...changes });
  const plain = { session: null, keyFile: null };

  it('is DATABASE_URL, or the running server', async () => {
    expect(await verify(settings({ databaseUrl: place.url() }), plain)).toMatchObject({ ok: true, entries: size });
    const run = { pid: process.ppid, url: 'http://localhost:1', streamUrl: '', databaseUrl: place.url(), node: 'n' };
    place.write('run.json', JSON.stringify(run));
    expect(await verify(settings(), plain)).toMatchObject({ ok: true, entries: size });
    await expect(verify(settings({ databaseUrl: 'postgresql://127.0.0.1:1/postgres' }), plain)).rejects.toMatchObject({ exit: 3 });
    await expect(verify(settings({ dataFolder: path.join(place.folder, 'none') }), plain)).rejects.toMatchObject({ exit: 3 });
  });

  it('is the installation itself, which is left as it was; and a byte changed in its very files is found', async () => {
    const { rows } = await on(place.client(), (client) =>
      client.query<{ file: string }>("SELECT pg_relation_filepath('ledger_entry') AS file"),
    );
    await place.stop();
    place.write('run.json', '{}');
    expect(await verify(settings(), plain)).toMatchObject({ ok: true, entries: size });
    expect(readdirSync(place.folder).sort()).toEqual(['ledger', 'postgres', 'secrets.json']);
    expect(readdirSync(path.join(place.folder, 'postgres'))).not.toContain('postmaster.pid');

    const file = path.join(place.folder, 'postgres', rows[0]?.file ?? '');
    const bytes = readFileSync(file);
    const at = statSync(file).size - 100;
    bytes[at] = (bytes[at] ?? 0) ^ 1;
    writeFileSync(file, bytes);
    await expect(verify(settings(), plain)).rejects.toThrow(/VERIFICATION FAILED/);
    await place.start();
  });
});
