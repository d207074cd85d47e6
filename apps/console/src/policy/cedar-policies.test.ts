import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { cedarPolicies } from './cedar-policies.ts';

const SHIPPED = path.resolve(import.meta.dirname, '../../../../policies');

describe('the policies of a Cedar file', () => {
  it('are parted by the semicolons that are in no string and no comment', () => {
    const found = cedarPolicies(
      'permit (principal, action, resource); // one; two\n@id("b;c") @reason("say \\"no\\"; always")\nforbid (principal, action, resource)\n// why; not\nwhen { context.tool == "a;b" };\n// the end;',
    );
    expect(found).toMatchObject([
      { id: 'policy 1', effect: 'permit', verdict: 'allow', reason: '' },
      { id: 'b;c', effect: 'forbid', verdict: 'deny', reason: 'say "no"; always' },
    ]);
    expect(found[1]?.text).toContain('"a;b"');
  });

  it('each have an id and a reason in the shipped bundle, and none is lost', () => {
    const files = readdirSync(SHIPPED).filter((name) => name.endsWith('.cedar'));
    expect(files.length).toBeGreaterThan(3);
    for (const name of files) {
      const text = readFileSync(path.join(SHIPPED, name), 'utf8');
      const found = cedarPolicies(text);
      expect(found).toHaveLength([...text.matchAll(/^@id\(/gm)].length);
      for (const policy of found) expect([policy.reason, policy.id.startsWith('policy ')]).toEqual([expect.stringMatching(/\w/), false]);
    }
  });

  it('that is half typed is shown as far as it goes, and never hangs', () => {
    for (const text of ['', ';', '@id("x', 'permit (', '"'.repeat(5000), '/'.repeat(5000), '@id("'.repeat(2000)]) cedarPolicies(text);
  });
});
