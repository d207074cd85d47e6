import { describe, expect, it } from 'vitest';
import { bundleOfFiles, filesOfBundle } from './bundle-files.ts';
import { defaultBundle } from './bundles.fixture.ts';
import { differences } from './differences.ts';
import { explain } from './explain.ts';
import { bundleOf, loaded } from './bundles.fixture.ts';
import { sampleRequest } from './sample-request.ts';
import { toolFacts } from './tool-facts.ts';

const GOOD = new Map([
  ['schema.cedarschema', 'entity A;'],
  ['tools.json', '{}'],
  ['a.cedar', 'permit (principal, action, resource);'],
]);

const faultsOf = (file: string, text: string) => {
  const reading = bundleOfFiles(new Map([...GOOD, [file, text]]), 'x');
  return reading.ok ? [] : reading.faults.map((fault) => `${fault.file ?? ''} ${fault.code}`);
};

describe('a folder', () => {
  it('is read into a bundle, and a bundle into its files, the same both ways', () => {
    const bundle = defaultBundle();
    expect(bundleOfFiles(filesOfBundle(bundle), bundle.name)).toEqual({ ok: true, bundle });
  });

  it('completes what a test leaves out from an ordinary request', () => {
    const text = JSON.stringify({
      request: { checkpoint: 'tick.output', context: { level: 1, signals: { found: ['iban'] } } },
      policies: ['a'],
    });
    const reading = bundleOfFiles(new Map([...GOOD, ['tests/HOLD/draft.json', text], ['README.md', '#'], ['charter.yaml', ':']]), 'x');
    expect(reading.ok && reading.bundle.tests).toMatchObject([
      {
        name: 'draft',
        verdict: 'hold',
        policies: ['a'],
        request: { principal: { kind: 'engine' }, context: { level: 1, signals: { found: ['iban'], speech: false } } },
      },
    ]);
  });

  it.each([
    ['sub/b.cedar', 'permit (principal, action, resource);', 'misplaced'],
    ['Bad Name.cedar', 'permit (principal, action, resource);', 'unreadable'],
    ['tools.json', '{"a": {"reversible": "no", "risks": [], "description": ""}}', 'unreadable'],
    ['tools.json', '{', 'unreadable'],
    ['tests/MAYBE/x.json', '{}', 'misplaced'],
    ['tests/x.json', '{}', 'misplaced'],
    ['tests/DENY/x.json', '[]', 'unreadable'],
    ['tests/DENY/x.json', '{"request": {"checkpoint": "nowhere"}}', 'unreadable'],
    ['tests/DENY/x.json', '{"request": {"checkpoint": "tick.input", "context": {"signals": {"injection": "very"}}}}', 'unreadable'],
    ['tests/DENY/x.json', '{"request": {"checkpoint": "tick.input", "context": {"mood": 1}}}', 'unreadable'],
    ['tests/DENY/x.json', '{"request": {"checkpoint": "tick.input"}, "verdict": "deny"}', 'unreadable'],
    ['tests/DENY/x.json', '{"request": {"checkpoint": "tick.input"}, "policies": [1]}', 'unreadable'],
  ])('with %s of %s is refused as %s', (file, text, code) => {
    expect(faultsOf(file, text)).toEqual([`${file} ${code}`]);
  });

  it('without a schema is refused', () => {
    expect(bundleOfFiles(new Map([['a.cedar', '']]), 'x')).toMatchObject({ ok: false, faults: [{ code: 'missing' }] });
  });
});

describe('an explanation', () => {
  const policy = loaded(defaultBundle());
  const draft = sampleRequest('tick.output');

  it('names every policy that applied, and says why in words', () => {
    const request = { ...draft, context: { ...draft.context, level: 1 as const, deployment: 'relay' } };
    const told = explain(policy, request);
    expect(told.because.map(({ policy: id, verdict }) => `${id} ${verdict}`)).toEqual(['output allow', 'output-draft hold']);
    expect(told.words).toBe(
      'Held: a human has to decide at tick.output: At level 1 the engine drafts: a human sends what it says. (output-draft)',
    );
  });

  it('says where nothing permits, and what went wrong', () => {
    expect(explain(policy, { ...sampleRequest('record.export') }).words).toContain('no policy permits this to person somebody (operator)');
    expect(explain(null, draft).words).toContain('policy could not be decided');
  });
});

describe('what differs', () => {
  it('is counted as often as it was asked, and named once', () => {
    const strict = loaded(bundleOf('@id("yes") @reason("x") permit (principal, action == Action::"tick.input", resource);'));
    const asked = [
      { request: sampleRequest('tick.input'), count: 7 },
      { request: sampleRequest('tick.output'), count: 3 },
      { request: sampleRequest('tick.output'), count: 2 },
    ];
    const found = differences(loaded(defaultBundle()), strict, asked);
    expect(found).toMatchObject({
      decided: 12,
      differing: 5,
      differences: [{ count: 5, inForce: { verdict: 'allow' }, candidate: { verdict: 'deny' } }],
    });
    expect(differences(strict, strict, asked)).toEqual({ decided: 12, differing: 0, differences: [] });
  });
});

describe('a tool', () => {
  it('that the bundle does not know can not be taken back and is an unknown risk', () => {
    const policy = loaded(defaultBundle());
    expect(toolFacts(policy, 'refund')).toEqual({ name: 'refund', reversible: false, risks: ['payment'] });
    for (const name of ['nothing', '__proto__', 'constructor'])
      expect(toolFacts(policy, name)).toEqual({ name, reversible: false, risks: ['unknown'] });
    expect(toolFacts(null, 'search')).toMatchObject({ reversible: false });
  });
});
