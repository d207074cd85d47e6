import { execFile } from 'node:child_process';
import { createHash, randomUUID } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { Problem } from '@wheelhouse/protocol/problem';
import { OCSF_BASE_REQUIRED, OCSF_CLASSES } from '@wheelhouse/reports/ocsf-classes';
import { createPostgresBackend, Queue } from 'bullmq';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { TestDatabase } from '../harness/database.ts';
import { ask, ended, ExportStory, fetched, FORMULA, found, made, pause } from '../harness/export-story.ts';
import { refused } from '../harness/refused.ts';
import { until } from '../harness/until.ts';

const ROOT = path.resolve(import.meta.dirname, '../..');
const LINK_S = 4;
const run = promisify(execFile);

let story: ExportStory;

beforeAll(async () => {
  story = await ExportStory.tell({ WHEELHOUSE_EXPORT_LINK_S: String(LINK_S) });
});
afterAll(() => story.dispose());

async function problemAt(url: string): Promise<Problem> {
  return Problem.parse(await (await fetch(url)).json());
}

describe('an export', () => {
  it('as a bundle proves its entries offline, redacted as asked, against a signed head', async () => {
    const { one, bytes } = await made(story.reviewer.api, { format: 'bundle', filter: { session: story.session }, profile: 'no-people' });
    const report = await story.verified(bytes);
    expect(report.findings.filter(({ severity }) => severity !== 'note')).toEqual([]);
    expect([report.ok, report.anchored]).toEqual([true, true]);
    expect(report.head?.size).toBe(one.made?.treeSize);
    expect(report.entries.checked).toBe(one.made?.entries);
    expect(report.entries.gaps).toBeGreaterThan(0);
    expect(bytes.includes(story.admin.cookie.slice(-20))).toBe(false);
    const broken = Buffer.from(bytes);
    broken[Math.floor(bytes.length / 2)] = (broken[Math.floor(bytes.length / 2)] ?? 0) ^ 1;
    expect((await story.verified(broken)).ok).toBe(false);
  });

  it('is recorded before it is made, when it is made, and at each download', async () => {
    const { one, bytes } = await made(story.reviewer.api, { format: 'csv' });
    const about = (await found(story.reviewer.api, {})).filter(({ fields }) => fields['data.export'] === one.id).reverse();
    expect(about.map(({ kind }) => kind)).toEqual(['export.asked', 'export.made', 'export.fetched']);
    expect(about[1]?.fields['data.digest']).toBe(createHash('sha256').update(bytes).digest('base64'));
    expect(about[1]?.fields['data.treeSize']).toBeGreaterThan(about[0]?.index ?? Number.POSITIVE_INFINITY);
    expect(about[2]?.by).toEqual(about[0]?.by);
    expect(about[2]?.fields['cause']).toBe(about[0]?.id);
  });

  it('as CSV has one row an entry, and runs no formula', async () => {
    const { one, bytes } = await made(story.reviewer.api, { format: 'csv' });
    const rows = bytes.toString('utf8').split('\r\n');
    expect(rows[0]).toMatch(/^index,id,kind,time,/);
    expect(rows.length - 2).toBe(one.made?.entries);
    expect(rows.at(-1)).toBe('');
    // What people typed is only in an export of everything; the register has it as a cell of its own.
    const asked = await ask(story.reviewer.api, { format: 'csv', report: 'oversight', profile: 'full' });
    await story.second.api.confirmExport(asked.id);
    const register = (await fetched(story.reviewer.api, (await ended(story.reviewer.api, asked.id)).id)).toString('utf8');
    expect(register).toContain(`"'${FORMULA.replaceAll('"', '""')}"`);
    expect(register).not.toMatch(/(^|[,\n"])=HYPERLINK/);
  });

  it('as OCSF has what each class must have, and where its proof is', async () => {
    const { bytes } = await made(story.reviewer.api, { format: 'ocsf' });
    const Event = z.looseObject({
      class_uid: z.number(),
      unmapped: z.object({ wheelhouse: z.object({ index: z.number(), leaf_hash: z.string() }) }),
    });
    const events = bytes
      .toString('utf8')
      .trimEnd()
      .split('\n')
      .map((line) => Event.parse(JSON.parse(line)));
    const classes = new Map<number, { readonly required: readonly string[] }>(Object.values(OCSF_CLASSES).map((one) => [one.uid, one]));
    for (const event of events) {
      const needs = [...OCSF_BASE_REQUIRED, ...(classes.get(event.class_uid)?.required ?? ['an unknown class'])];
      for (const name of needs) expect(Object.keys(event)).toContain(name);
    }
    expect(events.map(({ unmapped }) => unmapped.wheelhouse.index)).toEqual(events.map((_, i) => i));
    const stored = await story.admin.api.entry(3);
    expect(events[3]?.unmapped.wheelhouse.leaf_hash).toBe(Buffer.from(stored.leafHash, 'base64').toString('hex'));
  });

  it.each(['record', 'oversight', 'approvals', 'autonomy', 'policy-changes', 'roster', 'break-glass', 'lineage', 'integrity'] as const)(
    'of the report %s is there as PDF, CSV and JSON',
    async (report) => {
      const pdf = await made(story.reviewer.api, { format: 'pdf', report });
      expect(pdf.bytes.subarray(0, 5).toString()).toBe('%PDF-');
      expect(pdf.bytes.subarray(-6).toString()).toContain('%%EOF');
      expect((await made(story.reviewer.api, { format: 'csv', report })).bytes.toString('utf8')).toMatch(/^[a-z_0-9]+,/);
      const json = z
        .object({ report: z.string(), tables: z.array(z.object({ rows: z.array(z.unknown()), none: z.string().optional() })) })
        .parse(JSON.parse((await made(story.reviewer.api, { format: 'json', report })).bytes.toString('utf8')));
      expect(json.report).toBe(report);
      for (const table of json.tables) expect(table.rows.length > 0 || table.none !== undefined).toBe(true);
    },
  );

  it('does not say in its own words what its profile leaves out of the entries', async () => {
    const [joined] = await found(story.reviewer.api, { kind: 'person.joined' });
    const person = String(joined?.fields['data.person']);
    const request = { format: 'json', report: 'record', filter: { person, deployment: 'relay' }, reason: 'Because of one person' } as const;
    const file = async (profile: 'no-words' | 'public') => (await made(story.reviewer.api, { ...request, profile })).bytes.toString('utf8');
    expect(await file('no-words')).toContain(person);
    const open = await file('public');
    expect(open).toContain('"deployment": "(withheld)"');
    for (const hidden of [person, '"relay"', request.reason]) expect(open).not.toContain(hidden);
  });

  it('refuses combinations that there are not, and an empty reason', async () => {
    expect(await refused(ask(story.reviewer.api, { format: 'json' }))).toBe('malformed');
    expect(await refused(ask(story.reviewer.api, { format: 'ocsf', report: 'roster' }))).toBe('malformed');
    expect(await refused(ask(story.reviewer.api, { format: 'csv', reason: '' }))).toBe('malformed');
    expect(await refused(story.reviewer.api.export(randomUUID()))).toBe('not_found');
  });
});

describe('the file of an export', () => {
  it('is fetched in parts that fit together, and only the same file goes on', async () => {
    const { one, bytes } = await made(story.reviewer.api, { format: 'csv' });
    const { url } = await story.reviewer.api.exportLink(one.id);
    const part = async (range: string, more: Record<string, string> = {}) => fetch(url, { headers: { range, ...more } });
    const head = await part('bytes=0-99');
    expect([head.status, head.headers.get('content-range'), head.headers.get('accept-ranges')]).toEqual([
      206,
      `bytes 0-99/${bytes.length}`,
      'bytes',
    ]);
    const tag = head.headers.get('etag') ?? '';
    expect(tag).toBe(`"${one.made?.digest ?? ''}"`);
    const tail = await part('bytes=100-', { 'if-range': tag });
    const whole = Buffer.concat([Buffer.from(await head.arrayBuffer()), Buffer.from(await tail.arrayBuffer())]);
    expect(whole.equals(bytes)).toBe(true);
    expect(Buffer.from(await (await part('bytes=-10')).arrayBuffer()).equals(bytes.subarray(-10))).toBe(true);
    expect((await part('bytes=100-', { 'if-range': '"another"' })).status).toBe(200);
    const beyond = await part(`bytes=${bytes.length}-`);
    expect([beyond.status, beyond.headers.get('content-range')]).toEqual([416, `bytes */${bytes.length}`]);
    expect(Problem.parse(await beyond.json()).code).toBe('bad_range');
    expect((await fetch(url, { method: 'HEAD' })).headers.get('content-length')).toBe(String(bytes.length));
  });

  it('opens to the link that was given out and to no other, and not for long', async () => {
    const { one } = await made(story.reviewer.api, { format: 'csv', filter: { kind: 'person.joined' } });
    const another = await made(story.reviewer.api, { format: 'csv', filter: { kind: 'server.started' } });
    const { url, until: end } = await story.reviewer.api.exportLink(one.id);
    const changed = (name: string, value: string): string => {
      const other = new URL(url);
      other.searchParams.set(name, value);
      return other.href;
    };
    for (const forged of [
      `${story.server.url}/v1/exports/${one.id}/file`,
      changed('until', String(Date.now() + 10_000_000)),
      changed('sig', 'A'.repeat(43)),
      changed('sig', ''),
      changed('to', Buffer.from(JSON.stringify({ kind: 'system', id: 'x', role: 'x' })).toString('base64url')),
      url.replace(one.id, another.one.id),
    ])
      expect((await problemAt(forged)).code, forged).toBe('unauthenticated');
    expect((await fetch(url)).status).toBe(200);
    await pause(Date.parse(end) - Date.now() + 50);
    expect((await problemAt(url)).detail).toContain('ended');
  });

  it("is readable by the server's user alone", async () => {
    await made(story.reviewer.api, { format: 'csv' });
    const at = path.join(story.server.dataFolder, 'exports');
    for (const name of readdirSync(at)) expect(statSync(path.join(at, name)).mode & 0o077, name).toBe(0);
  });
});

describe('an export of everything', () => {
  it('waits for another person, whom neither the asker, a key nor a job can stand in for', async () => {
    const asked = await ask(story.admin.api, { format: 'bundle', profile: 'full' });
    expect(asked.state).toBe('waits');
    expect(await refused(story.admin.api.exportLink(asked.id))).toBe('not_ready');
    expect(await refused(story.admin.api.confirmExport(asked.id))).toBe('same_person');
    const key = await story.server.key(story.admin, ['ledger:read', 'orders:give']);
    expect(await refused(key.api.confirmExport(asked.id))).toBe('forbidden');
    // Somebody with the database's password puts the job into the queue.
    const connection = { connectionString: new TestDatabase(story.server).ownerUrl(), schema: 'jobs' };
    const queue = new Queue('exports', { connection }, createPostgresBackend);
    await queue.add('exports', { id: asked.id }, { jobId: asked.id });
    await pause(1500);
    await queue.close();
    expect((await story.reviewer.api.export(asked.id)).state).toBe('waits');
    expect(readdirSync(path.join(story.server.dataFolder, 'exports')).some((name) => name.startsWith(asked.id))).toBe(false);

    expect((await story.second.api.confirmExport(asked.id)).confirmedBy?.kind).toBe('person');
    const done = await ended(story.reviewer.api, asked.id);
    const report = await story.verified(await fetched(story.admin.api, done.id));
    expect([report.ok, report.fields.withheld]).toEqual([true, 0]);
    expect(await refused(story.second.api.confirmExport(asked.id))).toBe('conflict');
    expect(await refused(key.api.exportLink(asked.id))).toBe('forbidden');
    const kinds = (await found(story.reviewer.api, {})).filter(({ fields }) => fields['data.export'] === asked.id).map(({ kind }) => kind);
    expect(kinds.reverse()).toEqual(['export.asked', 'export.confirmed', 'export.made', 'export.fetched']);
  });
});

describe('exports and who may have them', () => {
  it('are refused to other tenants, to other roles, and to keys without the scope', async () => {
    const operator = await story.server.person(story.admin, 'operator');
    const key = await story.server.key(story.admin, ['sessions:read']);
    for (const api of [story.stranger.api, operator.api, key.api]) {
      expect(await refused(ask(api, { format: 'csv' }))).toBe('forbidden');
      expect(await refused(api.exports())).toBe('forbidden');
    }
  });

  it('let a key have what is redacted, and never everything', async () => {
    const key = await story.server.key(story.admin, ['ledger:read']);
    expect((await made(key.api, { format: 'csv', profile: 'public' })).bytes.length).toBeGreaterThan(0);
    expect(await refused(ask(key.api, { format: 'csv', profile: 'full' }))).toBe('forbidden');
  });

  it('are listed newest first, by pages', async () => {
    const first = await story.reviewer.api.exports('?limit=2');
    const next = await story.reviewer.api.exports(`?limit=2&cursor=${first.next ?? ''}`);
    const entries = [...first.items, ...next.items].map(({ entry }) => entry);
    expect(entries).toEqual([...entries].sort((a, b) => b - a));
    expect(new Set(entries).size).toBe(4);
  });
});

describe('wheelhouse export', () => {
  it('asks, waits, downloads, checks and says what comes next', async () => {
    const key = await story.server.key(story.admin, ['ledger:read']);
    const out = path.join(story.folder, 'trail.zip');
    const cli = (...args: string[]) =>
      run(process.execPath, [path.join(ROOT, 'apps/cli/src/main.ts'), 'export', '--url', story.server.url, '--key', key.key, ...args]);
    const { stdout } = await cli('--session', story.session, '--reason', 'From the command line', '--out', out);
    expect(stdout).toContain('npx wheelhouse verify');
    expect((await story.verified(readFileSync(out))).ok).toBe(true);
    expect(existsSync(`${out}.part`)).toBe(false);
    await expect(cli('--profile', 'full', '--reason', 'x')).rejects.toMatchObject({ code: 3 });
    await expect(cli('--format', 'csv')).rejects.toMatchObject({ code: 2 });
    await expect(cli('--format', 'docx', '--reason', 'x')).rejects.toMatchObject({ code: 2 });
  });
});

describe('a server that is killed while it makes an export', () => {
  it('makes it again from the start, once, and leaves nothing half done', async () => {
    const at = path.join(story.server.dataFolder, 'exports');
    const asked = await ask(story.reviewer.api, { format: 'pdf' });
    await until('the file to be begun', () => readdirSync(at).some((name) => name === `${asked.id}.pdf.part`) || null, 30_000);
    await story.server.kill();
    await story.server.run();
    const one = await ended(story.reviewer.api, asked.id);
    expect(one.state).toBe('made');
    const bytes = await fetched(story.reviewer.api, one.id);
    expect(createHash('sha256').update(bytes).digest('base64')).toBe(one.made?.digest);
    expect(readdirSync(at).filter((name) => name.endsWith('.part'))).toEqual([]);
    await pause(1000);
    const mades = (await found(story.reviewer.api, { kind: 'export.made' })).filter(({ fields }) => fields['data.export'] === asked.id);
    expect(mades).toHaveLength(1);
  });

  it('still knows who confirmed and what was made, from the ledger alone', async () => {
    const before = await story.reviewer.api.exports('?limit=200');
    await story.server.stop();
    await story.server.run();
    const after = await story.reviewer.api.exports('?limit=200');
    expect(after.items).toEqual(before.items);
  });

  it('deletes files whose time has come', async () => {
    const { one } = await made(story.reviewer.api, { format: 'csv' });
    await story.server.stop();
    story.server.env['WHEELHOUSE_EXPORT_KEEP_H'] = '0.000001';
    await story.server.run();
    expect((await story.reviewer.api.export(one.id)).state).toBe('expired');
    expect(await refused(story.reviewer.api.exportLink(one.id))).toBe('expired');
    expect(readdirSync(path.join(story.server.dataFolder, 'exports'))).toEqual([]);
  });
});
