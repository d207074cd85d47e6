import { REPORTS } from '@wheelhouse/protocol/export';
import { describe, expect, it } from 'vitest';
import { openReport } from './open-report.ts';
import { percentile } from './percentile.ts';
import { millisOf } from './report-entry.ts';
import type { ReportBody } from './report.ts';
import { Story } from './story.fixture.ts';

const NAMES = new Map([
  ['anna', 'Anna'],
  ['ben', 'Ben'],
]);
const options = { nameOf: (id: string) => NAMES.get(id) ?? id, partial: false };

function bodyOf(name: (typeof REPORTS)[number], story: Story, partial = false): ReportBody {
  const report = openReport(name, { ...options, partial });
  for (const entry of story.entries) report.take(entry);
  return report.finish();
}

const tableIn = (body: ReportBody, title: string) => body.tables.find((table) => table.title === title);
const factIn = (body: ReportBody, label: string) => body.facts.find((fact) => fact.label === label)?.value;

const SESSION = 'aaaaaaaa-0000-4000-8000-000000000001';

function stopped(story: Story, order: string, { gate, last, scope }: { gate: number; last: number | null; scope: string }): void {
  const data = { order, number: 1, kind: 'stop', reason: 'it rambled', receivedAt: 'x', gateClosedUs: gate, lastByteUs: last, covered: 1 };
  story.tell('order.given', 'anna', {
    ...data,
    scope: scope === 'session' ? { type: 'session', session: SESSION } : { type: 'everything' },
  });
  story.tell('order.applied', 'system', { order, part: 1, sessions: [{ session: SESSION, tick: 7, lastSequence: 42, settled: true }] });
}

describe('the oversight report', () => {
  it('tells each override with the time to its effect, the tick and the last frame out', () => {
    const story = new Story();
    stopped(story, 'o1', { gate: 21, last: -300, scope: 'session' });
    const [row] = tableIn(bodyOf('oversight', story), 'Overrides')?.rows ?? [];
    expect(row).toEqual([
      ...[0, '2026-11-03 09:00:00Z', 'stop', `session ${SESSION}`, 'Anna (operator)', 'it rambled', 1, 21, -300],
      'tick 7, #42 (aaaaaaaa)',
    ]);
  });

  it('counts by scope and kind, and knows the distribution', () => {
    const story = new Story();
    for (let i = 1; i <= 100; i += 1)
      stopped(story, `o${i}`, { gate: i, last: i % 2 === 0 ? i : null, scope: i > 90 ? 'everything' : 'session' });
    const body = bodyOf('oversight', story);
    expect(tableIn(body, 'Overrides by kind and scope')?.rows).toEqual([
      ['stop', 'session', 90],
      ['stop', 'everything', 10],
    ]);
    expect(tableIn(body, 'Time to effect')?.rows).toEqual([
      ['Gates closed', 100, 50, 90, 99, 100],
      ['Last byte out', 50, 50, 90, 100, 100],
    ]);
    expect(factIn(body, 'Overrides')).toBe(100);
  });

  it('says what is not shown where a profile leaves it out', () => {
    const story = new Story();
    const data = { order: 'o', number: 1, kind: 'hold', gateClosedUs: 5, lastByteUs: null, covered: 0 };
    story.tell('order.given', 'anna', data, ['by.id', 'by.role']);
    const [row] = tableIn(bodyOf('oversight', story), 'Overrides')?.rows ?? [];
    expect(row?.slice(2, 6)).toEqual(['hold', '(not shown)', '(not shown)', '(not shown)']);
    expect(row?.at(-1)).toBe('no session was open in its scope');
  });
});

describe('the approval register', () => {
  const asked = (story: Story, release: string) => story.tell('release.asked', 'anna', { release, latch: 'l', reason: 'calm again' });

  it('pairs what was asked with who confirmed or withdrew it, and after how long', () => {
    const story = new Story();
    asked(story, 'r1');
    asked(story, 'r2');
    asked(story, 'r3');
    story.tell('latch.released', 'ben', { release: 'r1', latch: 'l', askedBy: 'anna' });
    story.tell('release.withdrawn', 'anna', { release: 'r2', latch: 'l' });
    const rows = tableIn(bodyOf('approvals', story), 'Approvals')?.rows ?? [];
    expect(rows.map((row) => [row[0], row[3], row[5], row[6], row[7], row[8]])).toEqual([
      [0, 'Anna (operator)', 'confirmed', 'Ben (operator)', '30 s', 3],
      [1, 'Anna (operator)', 'withdrawn', 'Anna (operator)', '30 s', 4],
      [2, 'Anna (operator)', 'open', null, null, null],
    ]);
    expect(rows.every((row) => row.at(-1) === 'signed in, not signed by passkey')).toBe(true);
  });

  it('knows exports of everything and erasures, and not exports that take one person', () => {
    const story = new Story();
    story.tell('export.asked', 'anna', { export: 'e1', format: 'csv', profile: 'public', filter: {}, reason: 'x' });
    story.tell('export.asked', 'anna', { export: 'e2', format: 'csv', profile: 'full', filter: {}, reason: 'x' });
    story.tell('export.confirmed', 'ben', { export: 'e2', askedBy: 'anna' });
    story.tell('erasure.asked', 'anna', { erasure: 'x', subject: 's', reason: 'asked to' });
    story.tell('subject.erased', 'ben', { erasure: 'x', subject: 's', askedBy: 'anna', pieces: 3 });
    const rows = tableIn(bodyOf('approvals', story), 'Approvals')?.rows ?? [];
    expect(rows.map((row) => row[2])).toEqual(['Export of everything', 'Erasure of a person']);
  });

  it('says so where the request was before the period', () => {
    const story = new Story().tell('latch.released', 'ben', { release: 'r', latch: 'l', askedBy: 'anna' });
    expect(tableIn(bodyOf('approvals', story), 'Approvals')?.rows[0]?.[1]).toBe('(before this period)');
  });
});

describe('gaps', () => {
  const segment = (story: Story, fromTick: number, toTick: number, more: Record<string, number> = {}) =>
    story.tell('session.segment', 'system', { session: SESSION, fromTick, toTick, withheld: 0, late: 0, ...more });
  const attached = (story: Story, fromTick: number, lost: number) =>
    story.tell('session.attached', 'system', { session: SESSION, fromTick, previous: '', lost });

  it('are none where ticks follow each other, over a clean reattachment too', () => {
    const story = new Story();
    attached(story, 0, 0);
    segment(story, 0, 4);
    segment(story, 5, 9, { withheld: 12 });
    attached(story, 10, 0);
    segment(story, 10, 14);
    const body = bodyOf('record', story);
    expect(tableIn(body, 'Gaps')?.rows).toEqual([]);
    expect([factIn(body, 'Ticks with evidence'), factIn(body, 'Frames withheld by gates')]).toEqual([15, 12]);
  });

  it('are told: a hole, ticks that a crash took, late ones', () => {
    const story = new Story();
    segment(story, 0, 4);
    segment(story, 8, 9, { late: 2 });
    attached(story, 35, 25);
    segment(story, 35, 39);
    const rows = tableIn(bodyOf('record', story), 'Gaps')?.rows ?? [];
    expect(rows.map((row) => [row[0], String(row[3]).split(':')[0], row[4]])).toEqual([
      [1, 'hole', 3],
      [1, 'late', 2],
      [2, 'lost', 25],
    ]);
  });

  it('are not called holes where the selection left entries out', () => {
    const story = new Story();
    segment(story, 0, 4);
    segment(story, 8, 9);
    expect(tableIn(bodyOf('record', story, true), 'Gaps')?.rows[0]?.[3]).toBe('ticks that this selection does not show');
  });
});

describe('the other registers', () => {
  const story = new Story()
    .tell('server.started', 'system', { version: '0.1.0', node: 'v24', stoppedCleanly: false })
    .tell('person.joined', 'anna', { person: 'ben', role: 'reviewer', tenant: 'house' })
    .tell('key.issued', 'anna', { key: 'k1', scopes: ['ledger:read', 'orders:give'], tenant: 'house' })
    .tell('key.revoked', 'ben', { key: 'k1' })
    .tell('session.opened', 'anna', { session: SESSION, tenant: 'acme', deployment: 'concierge', model: 'm1', level: 3, subject: 's' })
    .tell('session.opened', 'anna', { session: SESSION, tenant: 'acme', deployment: 'concierge', model: 'm1', level: 3, subject: 's' })
    .tell('order.given', 'ben', {
      order: 'o',
      kind: 'level',
      level: 1,
      scope: { type: 'level', atLeast: 3 },
      reason: 'too bold',
      covered: 2,
    });

  it('know who joined and which keys there were', () => {
    expect(tableIn(bodyOf('roster', story), 'Roster')?.rows.map((row) => row.slice(2, 6))).toEqual([
      ['person joined', 'Ben', 'reviewer', 'house'],
      ['key issued', 'k1', 'ledger:read orders:give', 'house'],
      ['key revoked', 'k1', null, null],
    ]);
  });

  it('know the levels of sessions and who lowered them', () => {
    const body = bodyOf('autonomy', story);
    expect(tableIn(body, 'Sessions by level')?.rows).toEqual([['3', 'concierge', 2]]);
    expect(tableIn(body, 'Levels lowered')?.rows[0]?.slice(2)).toEqual([1, 'level 3 and above', 'Ben (operator)', 'too bold']);
  });

  it('know the rules in use, the models, and that the server had crashed', () => {
    expect(tableIn(bodyOf('policy-changes', story), 'Rules in use')?.rows.map((row) => [row[0], row[1], row[2], row[4], row[6]])).toEqual([
      ['policy', 'built-in/1', 1, 6, 6],
      ['charter', 'two-people/1', 1, 6, 6],
    ]);
    expect(tableIn(bodyOf('lineage', story), 'Models in use')?.rows.map((row) => [row[0], row[1], row[4]])).toEqual([
      ['m1', 'concierge', 2],
    ]);
    expect(factIn(bodyOf('integrity', story), 'Starts after an unclean end')).toBe(1);
  });

  const noneIn = (name: (typeof REPORTS)[number], title: string) => {
    const table = tableIn(bodyOf(name, story), title);
    return table?.rows.length === 0 ? table.none : null;
  };

  it('invent nothing: what cannot be there yet is said to be recorded nowhere', () => {
    expect(noneIn('break-glass', 'Emergency acts')).toContain('None recorded');
    expect(noneIn('lineage', 'Adapters')).toContain('None recorded');
    expect(noneIn('oversight', 'Drills')).toContain('None recorded');
  });

  it.each(REPORTS)('%s stands without any entry, and every row has a cell for each column', (name) => {
    for (const one of [new Story(), story])
      for (const { columns, rows, none } of bodyOf(name, one).tables) {
        expect(none).not.toBe('');
        for (const row of rows) expect(row).toHaveLength(columns.length);
      }
  });
});

describe('the arithmetic', () => {
  it('takes percentiles by nearest rank', () => {
    expect([0.5, 0.9, 0.99, 1].map((part) => percentile([1, 2, 3, 4], part))).toEqual([2, 4, 4, 4]);
    expect(percentile([], 0.5)).toBeNull();
    expect(percentile([7], 0.5)).toBe(7);
  });

  it.each([
    '1970-01-01T00:00:00Z',
    '2000-02-29T23:59:59.999Z',
    '2024-12-31T12:00:00.5Z',
    '2026-11-23T13:20:01.329Z',
    '2100-03-01T00:00:00.000Z',
  ])('reads %s as a clock would', (time) => {
    expect(millisOf(time)).toBe(Date.parse(time));
  });

  it('takes nothing else for a time', () => {
    expect([millisOf(''), millisOf('2026-11-23'), millisOf('2026-11-23T13:20:01+01:00')].every(Number.isNaN)).toBe(true);
  });
});
