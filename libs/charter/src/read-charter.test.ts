import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { analyse } from './analyse.ts';
import { newCharter } from './new-charter.ts';
import { readCharter } from './read-charter.ts';
import { sampleFile } from './sample-charter.fixture.ts';

const SMALL = `version: 1
people:
  ann: {}
  bob: { manager: ann }
bodies:
  ops: {}
seats:
  one: { body: ops, holder: ann, alternates: [bob] }
powers:
  charter.amend:
    quorum: { votes: 1, from: [ops] }
    voteWithin: 3d
    executeWithin: PT1H30M
`;

/** Each fault as `line: path: message`. */
function faults(text: string): readonly string[] {
  const reading = readCharter(text);
  return reading.ok
    ? []
    : reading.faults.map(({ line, path: keys, message }) => `${line ?? '?'}: ${keys.map(String).join(' > ')}: ${message}`);
}

describe('reading a charter', () => {
  it('reads YAML and JSON alike, with lengths of time exact', () => {
    const reading = readCharter(SMALL);
    expect(reading.ok && reading.charter.powers.get('charter.amend')).toMatchObject({
      votes: 1,
      seats: ['one'],
      voteWithinMs: 259_200_000,
      executeWithinMs: 5_400_000,
      stepUp: true,
    });
    const json = readCharter(JSON.stringify(sampleFile(), null, 2));
    expect(json.ok && json.file).toEqual(sampleFile());
  });

  it.each([
    ['an unknown key', SMALL.replace('voteWithin', 'votesWithin'), '12: powers > charter.amend > votesWithin: unknown key'],
    ['an unknown power', SMALL.replace('charter.amend', 'charter.burn'), '10: powers > charter.burn: '],
    ['a key twice', `${SMALL}version: 2\n`, '14: : Map keys must be unique'],
    ['a key twice in JSON', '{"version": 1, "version": 2}', '1: : Map keys must be unique'],
    ['an anchor that nothing refers to', SMALL.replace('{}\n  bob', '&a {}\n  bob'), '?: : anchors and aliases'],
    ['an anchor', SMALL.replace('{}\n  bob', '&a {}\n  bob').replace('{ manager: ann }', '*a'), '?: : anchors and aliases'],
    ['a tag', SMALL.replace('ops: {}', 'ops: !!js/function {}'), '6: : Unresolved tag'],
    ['broken YAML', SMALL.replace('[ops] }', '[ops }'), '11: '],
    ['months', SMALL.replace('3d', 'P1M'), '12: powers > charter.amend > voteWithin: a length of time'],
    ['a stranger as holder', SMALL.replace('holder: ann', 'holder: zoe'), '8: seats > one > holder: "zoe" is not among the people'],
    ['a stranger with a name of JavaScript', SMALL.replace('holder: ann', 'holder: constructor'), '8: seats > one > holder: "constructor"'],
    ['a holder as their own alternate', SMALL.replace('[bob]', '[ann]'), '8: seats > one > alternates > 0: the holder is no alternate'],
    ['a circle of managers', SMALL.replace('ann: {}', 'ann: { manager: bob }'), '3: people > ann > manager: ann reports to themselves'],
    [
      'more votes than seats',
      SMALL.replace('votes: 1', 'votes: 2'),
      "11: powers > charter.amend > quorum > votes: 2 votes of 1 seats can't",
    ],
    ['a wrong n', SMALL.replace('votes: 1', 'votes: 1, of: 3'), '11: powers > charter.amend > quorum > of: these bodies have 1 seats'],
    [
      'a body that is none',
      SMALL.replace('[ops]', '[ops, law]'),
      '11: powers > charter.amend > quorum > from > 1: "law" refers to nothing',
    ],
    ['a charter that nobody could change', SMALL.replace('charter.amend', 'key.rotate'), '9: powers: charter.amend is missing'],
    ['notice after the vote', `${SMALL}    notice: 4d\n`, '12: powers > charter.amend > voteWithin: the vote ends before the notice'],
    [
      'a day that is none',
      SMALL.replace('holder: ann,', 'holder: ann, term: { from: 2026-02-30, until: 2027-01-01 },'),
      '8: seats > one > term',
    ],
    [
      'a term backwards',
      SMALL.replace('holder: ann,', 'holder: ann, term: { from: 2026-02-03, until: 2026-02-01 },'),
      '8: seats > one > term > until',
    ],
    [
      'break glass without review',
      `${SMALL}breakGlass:\n  key.rotate: { seats: [one], people: 1, timeBox: 1h, reviewWithin: 1d }\n`,
      '15: breakGlass > key.rotate: ',
    ],
    [
      'break glass of the charter',
      `${SMALL}breakGlass:\n  charter.amend: { seats: [one], people: 1, timeBox: 1h, reviewWithin: 1d }\n`,
      '15: breakGlass > charter.amend',
    ],
    ['too long a text', ' '.repeat(1_000_001), '?: : longer than'],
    ['nothing', '', '?: : '],
  ])('refuses %s, and says where', (_, text, start) => {
    expect(faults(text).find((fault) => fault.startsWith(start)) ?? faults(text)).toEqual(expect.stringContaining(start));
  });
});

describe('the default charter', () => {
  const file = path.resolve(import.meta.dirname, '../../../policies/charter.yaml');

  it.each(['2026-03-01', '2040-01-01'])('holds law 5 in %s, also after all terms have ended', (day) => {
    const reading = readCharter(readFileSync(file, 'utf8'));
    if (!reading.ok) throw new Error(JSON.stringify(reading.faults));
    const report = analyse(reading.charter, { from: Date.parse(day) });
    expect(report.breaches).toEqual([]);
    expect(report.powers).toHaveLength(15);
  });

  it('is the one that init writes for five people', () => {
    const people = ['Ann', 'Bob', 'Cem', 'Dan', 'Eve'].map((name) => ({ id: name.toLowerCase(), name }));
    expect(newCharter({ people, from: Date.parse('2026-01-01') })).toBe(readFileSync(file, 'utf8'));
  });

  it('comes out without a breach for any number of people from three on', () => {
    for (const count of [3, 4, 5, 6, 7, 8, 9, 12, 17, 24]) {
      const people = Array.from({ length: count }, (_, i) => ({ id: `p${i}`, name: `Person ${i}: "one"` }));
      const reading = readCharter(newCharter({ people, from: 0 }));
      if (!reading.ok) throw new Error(JSON.stringify(reading.faults));
      expect([count, analyse(reading.charter, { from: 0, budget: 1 }).breaches]).toEqual([count, []]);
    }
    expect(() => newCharter({ people: [{ id: 'a', name: 'A' }], from: 0 })).toThrow('at least 3');
  });
});
