import type { REPORTS } from '@wheelhouse/protocol/export';
import { describe, expect, it } from 'vitest';
import { lineDiff } from './line-diff.ts';
import { openReport } from './open-report.ts';
import type { ReportBody, ReportOptions } from './report.ts';
import { Story } from './story.fixture.ts';

const NAMES = new Map([
  ['anna', 'Anna'],
  ['ben', 'Ben'],
]);
const options: ReportOptions = {
  nameOf: (id: string) => NAMES.get(id) ?? id,
  partial: false,
  seatsOf: (text) => (text.startsWith('no') ? null : [{ seat: 'ops-1', holder: 'anna', alternates: ['ben'], term: null }]),
};

function bodyOf(name: (typeof REPORTS)[number], story: Story): ReportBody {
  const report = openReport(name, options);
  for (const entry of story.entries) report.take(entry);
  return report.finish();
}
const rowsIn = (body: ReportBody, title: string) => body.tables.find((table) => table.title === title)?.rows ?? [];
const factIn = (body: ReportBody, label: string) => body.facts.find((fact) => fact.label === label)?.value;

const latch = 'l1';
const opened = (story: Story, proposal: string, act: Record<string, string>, hidden: string[] = []) =>
  story.tell('proposal.opened', 'anna', { proposal, power: act['power'] ?? '', act, reason: 'calm again', seal: 's' }, hidden);
const voted = (story: Story, proposal: string, choice: string, hidden: string[] = []) =>
  story.tell(
    'vote.cast',
    'ben',
    { proposal, vote: 'v', seat: 'ops-1', choice, reason: '', signed: {}, seconds: 12, evidence: true },
    hidden,
  );

describe('the approval register under a charter', () => {
  it('tells each proposal with its votes, how it ended and after how long', () => {
    const story = new Story().tell('release.asked', 'anna', { release: 'p1', latch, reason: 'calm again' });
    opened(story, 'p1', { power: 'latch.release', latch });
    voted(story, 'p1', 'yes');
    story.tell('proposal.passed', 'ben', { proposal: 'p1', passedAt: 'x', executeBy: 'y' });
    story.tell('latch.released', 'ben', { release: 'p1', latch, askedBy: 'anna', proposal: 'p1' });
    opened(story, 'p2', { power: 'seat.recall', seat: 'ops-1' });
    voted(story, 'p2', 'veto', ['data.signed']);
    story.tell('proposal.closed', 'ben', { proposal: 'p2', outcome: 'vetoed', because: 'x', reason: '', practiceSalt: 'z' });
    story.tell('release.withdrawn', 'system', { release: 'p2', latch });
    opened(story, 'p3', { power: 'record.erase', subject: 'guest' });
    const body = bodyOf('approvals', story);
    expect(rowsIn(body, 'Approvals').map((row) => [row[0], row[2], row[5], row[6], row[7], row[8], row[9]])).toEqual([
      [1, 'Release of latch l1', 'carried out', '1 yes, 0 no', '30 s', 4, '1 of 1 votes signed by passkey'],
      [5, 'Recall from seat ops-1', 'vetoed (practice)', '0 yes, 0 no, 1 veto', '20 s', 7, '0 of 1 votes signed by passkey'],
      [9, 'Erasure of guest', 'open', '0 yes, 0 no', null, null, 'no vote'],
    ]);
    expect(rowsIn(body, 'Votes').map((row) => row.slice(2))).toEqual([
      ['p1', 'Ben (operator)', 'ops-1', 'yes', '', 12, 'opened', 'passkey'],
      ['p2', 'Ben (operator)', 'ops-1', 'veto', '', 12, 'opened', '(not shown)'],
    ]);
    const facts = ['Permissive acts asked for', 'Proposals', 'Carried out by a quorum', 'Votes cast', 'Still open at the end'];
    expect(facts.map((label) => factIn(body, label))).toEqual([0, 3, 1, 2, 1]);
  });

  it('says what is not shown, and what began before', () => {
    const story = opened(new Story(), 'p1', { power: 'latch.release', latch }, ['data.act', 'by.id', 'by.role', 'data.reason']);
    story.tell('charter.adopted', 'ben', { proposal: 'p0', name: 'sha256:aa', version: 2 }, ['data.charterText']);
    const rows = rowsIn(bodyOf('approvals', story), 'Approvals');
    expect(rows.map((row) => row.slice(0, 6))).toEqual([
      [null, '(before this period)', 'charter.adopted', '(before this period)', '(before this period)', 'carried out'],
      [0, '2026-11-03 09:00:00Z', 'latch.release', '(not shown)', '(not shown)', 'open'],
    ]);
  });
});

describe('the charter in the other registers', () => {
  const adopted = (story: Story, version: number, charterText: string) =>
    story.tell('charter.adopted', 'ben', { proposal: `p${version}`, name: `sha256:${version}`, version, charterText });

  it('shows what each version changed, line by line', () => {
    const story = adopted(new Story(), 1, 'a\nb\nc\n');
    adopted(story, 2, 'a\nx\nc\nd\n');
    const body = bodyOf('policy-changes', story);
    expect(rowsIn(body, 'Charter versions').map((row) => [row[2], row[6], row[7]])).toEqual([
      [1, 3, 0],
      [2, 2, 1],
    ]);
    expect(rowsIn(body, 'Changed lines').slice(3)).toEqual([
      [1, 2, 'gone', 'b'],
      [1, 2, 'new', 'x'],
      [1, 2, 'new', 'd'],
    ]);
  });

  it('tells who held which seat, and who was away', () => {
    const story = adopted(new Story(), 1, 'a charter');
    story.tell('handover.announced', 'anna', { seat: 'ops-1', to: 'ben', effectiveAt: '2026-11-10T00:00:00Z' });
    story.tell('seat.appointed', 'ben', { proposal: 'p', seat: 'ops-1', alternates: ['anna'] });
    const span = { fromTime: '2026-11-04T00:00:00Z', until: '2026-11-05T00:00:00Z' };
    story.tell('absence.declared', 'anna', { absence: 'a', person: 'anna', ...span });
    story.tell('absence.ended', 'anna', { absence: 'a' });
    adopted(story, 2, 'no charter');
    expect(rowsIn(bodyOf('roster', story), 'Seats').map((row) => row.slice(2, 6))).toEqual([
      ['seated by the charter', 'ops-1', 'Anna', 'alternates: Ben'],
      ['handover announced', 'ops-1', 'Ben', 'from 2026-11-10T00:00:00Z'],
      ['appointed', 'ops-1', 'nobody', 'alternates: Anna'],
      ['absence declared', null, 'Anna', `from ${span.fromTime}; until ${span.until}`],
      ['absence ended', null, 'Anna', ''],
      ['seated by the charter', null, '(not shown)', 'the seats of its text are not shown here'],
    ]);
  });

  it('tells each break glass from its first signature to its review', () => {
    const emergency = { power: 'latch.release', latch };
    const story = new Story().tell('glass.asked', 'anna', {
      glass: 'g',
      emergency,
      practice: false,
      reason: 'fire',
      seat: 'ops-1',
      signed: {},
    });
    story.tell('glass.signed', 'ben', { glass: 'g', seat: 'safety-1', signed: {} });
    const times = { endsAt: '2026-11-03T10:00:00Z', reviewDueAt: '2026-11-06T10:00:00Z' };
    story.tell('glass.broken', 'ben', { glass: 'g', power: 'latch.release', practice: false, ...times, skipped: ['cem'] });
    story.tell('latch.released', 'ben', { release: 'g', latch, askedBy: 'anna', glass: 'g' });
    story.tell('glass.ended', 'system', { glass: 'g', outcome: 'ended' });
    const drill = { glass: 'd', emergency, practice: true, reason: 'drill', seat: 'ops-1', signed: {} };
    story.tell('glass.asked', 'anna', drill, ['data.reason']);
    const body = bodyOf('break-glass', story);
    expect(rowsIn(body, 'Emergency acts').map((row) => row.slice(2))).toEqual([
      [
        ...['Release of latch l1', 'fire', 'no', 'Anna (operator) for ops-1; Ben (operator) for safety-1', '2026-11-03 09:00:20Z'],
        ...[times.endsAt, 'ended 2026-11-03 09:00:40Z', 'cem', times.reviewDueAt, 'not yet'],
      ],
      [...['Release of latch l1', '(not shown)', 'practice', 'Anna (operator) for ops-1', 'not broken'], ...[null, null, '', null, null]],
    ]);
    expect(['Emergency acts', 'Of them not reviewed', 'Drills of break glass'].map((label) => factIn(body, label))).toEqual([1, 1, 0]);
    expect(rowsIn(bodyOf('approvals', story), 'Approvals')).toEqual([]);
    story.tell('glass.reviewed', 'ben', { proposal: 'r', glass: 'g' });
    expect(factIn(bodyOf('break-glass', story), 'Of them not reviewed')).toBe(0);
  });
});

describe('a diff of lines', () => {
  const marked = (before: string, after: string) => lineDiff(before, after).map(({ mark, text }) => mark + text);

  it.each([
    ['', '', []],
    ['a\nb', 'a\nb', [' a', ' b']],
    ['', 'a\n', ['+a']],
    ['a\nb\nc\n', 'c\na\nb\n', ['+c', ' a', ' b', '-c']],
    ['a\na\n', 'a\n', [' a', '-a']],
  ])('of %j and %j', (before, after, expected) => {
    expect(marked(before, after)).toEqual(expected);
  });

  it('keeps every line of both, in their order, however long they are', () => {
    const long = (from: number) => Array.from({ length: 2500 }, (_, i) => `line ${from + i * 2}`).join('\n');
    for (const [before, after] of [
      [long(0), long(1)],
      ['x\ny\nz\ny', 'y\nx\ny\nq'],
    ] as const) {
      const diff = lineDiff(before, after);
      const side = (but: string) =>
        diff
          .filter(({ mark }) => mark !== but)
          .map(({ text }) => text)
          .join('\n');
      expect([side('+'), side('-')]).toEqual([before, after]);
    }
  });
});
