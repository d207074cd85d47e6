import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import type { PolicyBundle } from '@wheelhouse/protocol/policy';
import { describe, expect, it } from 'vitest';
import { bundleOf, candidateOf } from './candidate.ts';

const FOLDER = path.resolve(import.meta.dirname, '../../../../policies');
const text = (name: string) => readFileSync(path.join(FOLDER, name), 'utf8');
const bundle: PolicyBundle = {
  name: 'shipped',
  policies: Object.fromEntries(
    readdirSync(FOLDER)
      .filter((name) => name.endsWith('.cedar'))
      .map((name) => [name, text(name)]),
  ),
  schema: text('schema.cedarschema'),
  tools: { search: { reversible: true, risks: [], description: 'Looks something up.' } },
  tests: [],
};

describe('a candidate', () => {
  it('is the bundle again that it was made of', () => {
    expect(bundleOf(candidateOf(bundle, 'sha256:0'))).toEqual({ ok: true, bundle });
  });

  it('says by file what keeps it from being one', () => {
    const { files, ...rest } = candidateOf(bundle, '');
    const why = (changed: Record<string, string>) => {
      const read = bundleOf({ ...rest, files: { ...files, ...changed } });
      return read.ok ? [] : read.why;
    };
    expect(why({ 'tools.json': '{', 'tests.json': '' })).toEqual([
      expect.stringMatching(/^tools\.json: /),
      expect.stringMatching(/^tests\.json: /),
    ]);
    expect(why({ 'tools.json': '{"refund":{"reversible":"yes"}}' })[0]).toMatch(/^tools\.json refund reversible: /);
    expect(why({ 'tests.json': '[{"name":""}]' })[0]).toMatch(/^tests\.json 0 name: /);
    expect(why({ 'No good.cedar': '' })[0]).toMatch(/^No good\.cedar: /);
    expect(bundleOf({ ...rest, name: '  ', files })).toMatchObject({ ok: false });
  });
});
