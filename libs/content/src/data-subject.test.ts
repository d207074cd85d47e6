import { describe, expect, it } from 'vitest';
import { namedSubject, tenantOfNamed } from './data-subject.ts';

describe('a data subject', () => {
  it.each(['acme', 'a/b', 'Ünïcode & co', '%2f', '..'])('named by the tenant %s belongs to it, whatever it is called', (tenant) => {
    for (const name of ['customer 7', 'x/y', '', '/', '%']) expect(tenantOfNamed(namedSubject(tenant, name))).toBe(tenant);
  });

  it('of one tenant is never that of another', () => {
    expect(namedSubject('a/b', 'c')).not.toBe(namedSubject('a', 'b/c'));
  });

  it('who signs in here belongs to no name', () => {
    expect(tenantOfNamed('7e0c5a0e-51a4-4e6d-9d3c-0d7e2c0b8a11')).toBeNull();
    expect(tenantOfNamed('%/x')).toBeNull();
  });
});
