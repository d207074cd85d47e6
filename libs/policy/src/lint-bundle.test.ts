import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bundleOf, defaultBundle, loaded, sha256 } from './bundles.fixture.ts';
import { decide } from './decide.ts';
import { lintBundle } from './lint-bundle.ts';
import { loadBundle } from './load-bundle.ts';
import { sampleRequest } from './sample-request.ts';

const PERMIT = '@id("yes") @reason("yes") permit (principal, action, resource);\n';

const codesOf = (text: string, more = {}) => lintBundle(bundleOf(text, more), sha256).map(({ code, severity }) => `${severity} ${code}`);
const firstOf = (text: string, more = {}) => lintBundle(bundleOf(text, more), sha256)[0];

describe('lint', () => {
  it('has nothing against the bundle that Wheelhouse brings along', () => {
    expect(lintBundle(defaultBundle(), sha256)).toEqual([]);
  });

  it('names file, line and policy of what does not parse or validate', () => {
    expect(firstOf(`${PERMIT}\n// é\npermit (principal, action, resource) when { context. };`)).toMatchObject({
      code: 'unreadable',
      file: 'test.cedar',
      message: 'line 4: unexpected token `}` (expected identifier)',
    });
    const second = firstOf(`${PERMIT}\n@id("x") @reason("x")\nforbid (principal, action, resource)\nwhen { context.nothing == 1 };`);
    expect(second).toMatchObject({ code: 'schema', file: 'test.cedar', policy: 'x' });
    expect(second?.message).toContain('line 5: ');
    expect(firstOf(PERMIT, { schema: 'entity Person;\nentity' })).toMatchObject({ code: 'unreadable', file: 'schema.cedarschema' });
  });

  it('finds a forbid whose condition could fail: an optional attribute without `has`', () => {
    const forbid = '@id("trap") @reason("x") forbid (principal, action == Action::"tool.call", resource) when { context.signals.speech };';
    expect(firstOf(PERMIT + forbid)).toMatchObject({ severity: 'error', code: 'schema', policy: 'trap' });
    expect(firstOf(PERMIT + forbid)?.message).toContain('optional attribute');
    expect(codesOf(PERMIT + forbid.replace('context.signals.speech', 'context has signals && context.signals.speech'))).not.toContain(
      'error schema',
    );
  });

  it.each([
    ['no id', 'permit (principal, action, resource);', 'id'],
    ['an id of other characters', '@id("a b") @reason("x") permit (principal, action, resource);', 'id'],
    ['no reason', '@id("a") permit (principal, action, resource);', 'reason'],
    ['an empty reason', '@id("a") @reason(" ") permit (principal, action, resource);', 'reason'],
    ['an id twice', PERMIT + PERMIT, 'duplicate_id'],
    ['an unknown annotation', '@id("a") @reason("x") @advice("y") permit (principal, action, resource);', 'annotation'],
    ['an unknown verdict', '@id("a") @reason("x") @verdict("allow") forbid (principal, action, resource);', 'annotation'],
    ['a verdict on a permit', '@id("a") @reason("x") @verdict("hold") permit (principal, action, resource);', 'annotation'],
    ['a window too long', '@id("a") @reason("x") @holdBack("6") permit (principal, action, resource);', 'annotation'],
    ['a window that is no number', '@id("a") @reason("x") @holdBack("1 ") permit (principal, action, resource);', 'annotation'],
    ['a window on a forbid', '@id("a") @reason("x") @holdBack("1") forbid (principal, action, resource);', 'annotation'],
    ['an unknown time-out', '@id("a") @reason("x") @onTimeout("wait") permit (principal, action, resource);', 'annotation'],
    ['a template', '@id("a") @reason("x") permit (principal == ?principal, action, resource);', 'template'],
    ['no policy', '// nothing', 'no_policy'],
  ])('refuses %s', (_, text, code) => {
    expect(firstOf(text)).toMatchObject({ severity: 'error', code });
    expect(loadBundle(bundleOf(text), sha256).ok).toBe(false);
  });

  it('warns of what loads and yet does nothing', () => {
    const codes = codesOf(`@id("only") @reason("x") permit (principal, action == Action::"tick.output", resource);
      @id("never") @reason("x") forbid (principal, action, resource) when { context.level == 1 && context.level == 2 };
      @id("again") @reason("x") forbid (principal, action == Action::"tick.output", resource) when { context.level > 0 };`);
    expect(codes).toContain('warning untested');
    expect(codes.filter((code) => code === 'error never_applies')).toHaveLength(1);
    expect(codes.filter((code) => code === 'error always_denied')).toHaveLength(1);
    expect(codes.filter((code) => code === 'warning no_permit')).toHaveLength(7);
  });

  it('warns of a checkpoint that the schema does not take, and of redacting where nothing can be', () => {
    const schema = defaultBundle().schema.replace(
      'principal: [Person, Key], resource: [FineTune]',
      'principal: [Person], resource: [Session]',
    );
    expect(codesOf(PERMIT, { schema })).toContain('warning schema_misfit');
    expect(
      codesOf(`${PERMIT}@id("r") @reason("x") @verdict("redact") forbid (principal, action == Action::"tool.call", resource);`),
    ).toContain('warning nothing_to_redact');
  });
});

describe('a hostile bundle', () => {
  const condition = (text: string) => `@id("h") @reason("x") permit (principal, action, resource) when { ${text} };`;
  const deep: Readonly<Record<string, string>> = {
    brackets: `${'('.repeat(5000)}true${')'.repeat(5000)}`,
    'open brackets': '('.repeat(9000),
    nots: `${'!'.repeat(9000)}true`,
    ands: `${'true && '.repeat(2000)}true`,
    sums: `1${' + 1'.repeat(4000)} > 0`,
    conditions: `${'if true then '.repeat(600)}true${' else true'.repeat(600)}`,
    sets: `${'['.repeat(3000)}1${']'.repeat(3000)} == 1`,
    attributes: `context${'.a'.repeat(5000)} == 1`,
    'a string that never ends': `"${'('.repeat(5000)}`,
  };

  it.each(Object.entries(deep))('of nested %s is refused, and what is in force goes on deciding', (_, text) => {
    const inForce = loaded(defaultBundle());
    expect(loadBundle(bundleOf(condition(text)), sha256).ok).toBe(false);
    expect(decide(inForce, sampleRequest('tick.input'))).toMatchObject({ verdict: 'allow', errors: [] });
  });

  it('with a deep schema is refused, and what is in force goes on deciding', () => {
    const inForce = loaded(defaultBundle());
    for (const schema of [`type A = ${'Set<'.repeat(3000)}`, `type A = ${'{a: '.repeat(3000)}`])
      expect(loadBundle(bundleOf(PERMIT, { schema }), sha256).ok).toBe(false);
    // Cedar reads this one.
    const chain = Array.from({ length: 900 }, (_, i) => `type A${i} = A${i + 1};`).join('');
    expect(loadBundle(bundleOf(PERMIT, { schema: `${chain} type A900 = Long;` }), sha256).ok).toBe(true);
    expect(decide(inForce, sampleRequest('tick.input'))).toMatchObject({ verdict: 'allow', errors: [] });
  });

  it('is refused where it is larger than an entry of the ledger', () => {
    const comment = `// ${'é'.repeat(19_000)}\n`;
    const policies = { 'a.cedar': PERMIT, 'b.cedar': comment, 'c.cedar': comment };
    expect(loadBundle(bundleOf('', { policies }), sha256)).toMatchObject({ ok: false, faults: [{ code: 'too_large' }] });
    const many = Array.from({ length: 101 }, (_, i) => PERMIT.replaceAll('"yes"', `"p${i}"`)).join('');
    expect(loadBundle(bundleOf(many), sha256)).toMatchObject({ ok: false, faults: [{ code: 'too_many' }] });
  });

  it('never throws, whatever its texts are', () => {
    const piece = fc.oneof(
      fc.string(),
      fc.constantFrom(
        'permit',
        'forbid',
        '(principal, action, resource)',
        ';',
        'when {',
        '}',
        '@id("a")',
        '@reason("x")',
        '"',
        '//',
        '::',
        '\ud800',
      ),
    );
    const text = fc.array(piece, { maxLength: 12 }).map((pieces) => pieces.join(' '));
    fc.assert(
      fc.property(text, fc.option(text, { nil: undefined }), (policy, schema) => {
        const loading = loadBundle(bundleOf(policy, schema === undefined ? {} : { schema }), sha256);
        expect(loading.ok || loading.faults.some(({ severity }) => severity === 'error')).toBe(true);
      }),
      { numRuns: 150 },
    );
  });
});

describe('a digest', () => {
  it('is over the RFC 8785 rendering: the order of files does not matter, every character does', () => {
    const bundle = defaultBundle();
    const turned = { ...bundle, policies: Object.fromEntries(Object.entries(bundle.policies).reverse()) };
    expect(loaded(turned).digest).toBe(loaded(bundle).digest);
    expect(loaded({ ...bundle, name: 'other' }).digest).not.toBe(loaded(bundle).digest);
    expect(loaded(bundle).digest).toMatch(/^sha256:[0-9a-f]{64}$/);
  });
});
