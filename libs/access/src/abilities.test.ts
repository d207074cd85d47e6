import { subject } from '@casl/ability';
import { HOUSE_TENANT, KEY_SCOPES, ROLES, type KeyScope, type Principal, type Role } from '@wheelhouse/protocol/identity';
import { describe, expect, it } from 'vitest';
import { ACROSS_TENANTS, abilitiesOf, type AppAbility } from './abilities.ts';

/** Every question that can be asked, about a thing of tenant `tenant`. Keys belong to `owner`. */
const QUESTIONS: Readonly<Record<string, (ability: AppAbility, tenant: string, owner: string) => boolean>> = {
  'open Session': (ability, tenant) => ability.can('open', subject('Session', { tenant })),
  'read Session': (ability, tenant) => ability.can('read', subject('Session', { tenant })),
  'end Session': (ability, tenant) => ability.can('end', subject('Session', { tenant })),
  'give Order': (ability, tenant) => ability.can('give', subject('Order', { tenant })),
  'read Order': (ability, tenant) => ability.can('read', subject('Order', { tenant })),
  'ask Release': (ability, tenant) => ability.can('ask', subject('Release', { tenant })),
  'confirm Release': (ability, tenant) => ability.can('confirm', subject('Release', { tenant })),
  'read Ledger': (ability) => ability.can('read', 'Ledger'),
  'read Entry': (ability, tenant) => ability.can('read', subject('Entry', { tenant })),
  'ask Export': (ability, tenant) => ability.can('ask', subject('Export', { tenant })),
  'confirm Export': (ability, tenant) => ability.can('confirm', subject('Export', { tenant })),
  'read Export': (ability, tenant) => ability.can('read', subject('Export', { tenant })),
  'read Content': (ability, tenant) => ability.can('read', subject('Content', { tenant })),
  'read Transcript': (ability, tenant) => ability.can('read', subject('Transcript', { tenant })),
  'place Hold': (ability, tenant) => ability.can('place', subject('Hold', { tenant })),
  'lift Hold': (ability, tenant) => ability.can('lift', subject('Hold', { tenant })),
  'read Hold': (ability, tenant) => ability.can('read', subject('Hold', { tenant })),
  'ask Erasure': (ability, tenant) => ability.can('ask', subject('Erasure', { tenant })),
  'confirm Erasure': (ability, tenant) => ability.can('confirm', subject('Erasure', { tenant })),
  'read Erasure': (ability, tenant) => ability.can('read', subject('Erasure', { tenant })),
  'invite Person': (ability, tenant) => ability.can('invite', subject('Person', { tenant })),
  'read Person': (ability, tenant) => ability.can('read', subject('Person', { tenant })),
  'issue Key': (ability, tenant, owner) => ability.can('issue', subject('Key', { tenant, owner })),
  'revoke Key': (ability, tenant, owner) => ability.can('revoke', subject('Key', { tenant, owner })),
  'read Key': (ability, tenant, owner) => ability.can('read', subject('Key', { tenant, owner })),
};

const WATCHING = ['open Session', 'read Session', 'end Session', 'give Order', 'read Order', 'ask Release', 'confirm Release'];
const WATCH = [...WATCHING, 'read Ledger', 'read Entry'];
const EXPORTS = ['ask Export', 'confirm Export', 'read Export'];
const HOLDS_AND_ERASURES = ['place Hold', 'lift Hold', 'read Hold', 'ask Erasure', 'confirm Erasure', 'read Erasure'];
const CUSTODY = ['read Content', 'read Transcript', ...HOLDS_AND_ERASURES];
const KEYS = ['issue Key', 'revoke Key', 'read Key'];

/** The whole table: what each role may do with a thing of its own tenant that is its own. Everything absent is denied. */
const OWN: Readonly<Record<Role, readonly string[]>> = {
  operator: [...WATCH, 'read Transcript'],
  reviewer: ['read Session', 'read Order', 'read Ledger', 'read Entry', 'read Person', ...CUSTODY, ...EXPORTS],
  developer: ['open Session', 'read Session', 'end Session', 'give Order', 'read Order', ...KEYS],
  administrator: [...WATCH, ...CUSTODY, ...EXPORTS, 'invite Person', 'read Person', ...KEYS],
};

function person(role: Role, tenant: string): Principal {
  return { kind: 'person', id: 'me', person: 'me', name: 'Me', role, tenant };
}

function key(role: Role, keyScopes?: KeyScope[]): Principal {
  const bare: Principal = { kind: 'key', id: 'a key', person: 'me', name: 'Key', role, tenant: HOUSE_TENANT };
  return keyScopes === undefined ? bare : { ...bare, keyScopes };
}

function allowed(principal: Principal, tenant: string, owner = 'me'): string[] {
  const ability = abilitiesOf(principal);
  return Object.keys(QUESTIONS).filter((question) => QUESTIONS[question]?.(ability, tenant, owner) === true);
}

describe.each(ROLES)('a person who is %s', (role) => {
  it('may do what the table says in their own tenant, and nothing else', () => {
    expect(new Set(allowed(person(role, 'acme'), 'acme'))).toEqual(new Set(OWN[role]));
  });

  it('reaches nothing of another tenant from outside the house', () => {
    expect(allowed(person(role, 'acme'), 'globex')).toEqual(OWN[role].filter((question) => question === 'read Ledger'));
  });

  it('reaches nothing across tenants from outside the house', () => {
    expect(allowed(person(role, 'acme'), ACROSS_TENANTS)).toEqual(OWN[role].filter((question) => question === 'read Ledger'));
  });

  it('of the house reaches other tenants as operator or administrator only, and as a reviewer their part of the record', () => {
    const record = (question: string) => ['read Ledger', 'read Entry', ...EXPORTS].includes(question);
    const reach = role === 'operator' || role === 'administrator' ? OWN[role] : OWN[role].filter(record);
    expect(new Set(allowed(person(role, HOUSE_TENANT), 'acme'))).toEqual(new Set(reach));
    expect(new Set(allowed(person(role, HOUSE_TENANT), ACROSS_TENANTS))).toEqual(new Set(reach));
  });
});

describe('keys of other people', () => {
  it('are seen but not changed by a developer', () => {
    expect(allowed(person('developer', 'acme'), 'acme', 'somebody else').filter((question) => question.endsWith('Key'))).toEqual([
      'read Key',
    ]);
  });
});

describe('an API key', () => {
  const SCOPES: readonly [KeyScope, readonly string[]][] = [
    ['sessions:open', ['open Session', 'end Session']],
    ['sessions:read', ['read Session']],
    ['orders:give', ['give Order', 'read Order', 'ask Release']],
    ['ledger:read', ['read Ledger', 'read Entry', 'ask Export', 'read Export']],
  ];

  it.each(SCOPES)('with %s may do that alone', (scope, expected) => {
    expect(allowed(key('administrator', [scope]), 'acme')).toEqual(expected);
  });

  it('never widens its role', () => {
    expect(allowed(key('reviewer', [...KEY_SCOPES]), HOUSE_TENANT)).toEqual([
      'read Session',
      'read Order',
      'read Ledger',
      'read Entry',
      'ask Export',
      'read Export',
    ]);
    expect(allowed(key('developer', ['orders:give']), HOUSE_TENANT)).toEqual(['give Order', 'read Order']);
  });

  it('never confirms a release, invites a person or issues a key', () => {
    const all = allowed(key('administrator', [...KEY_SCOPES]), HOUSE_TENANT);
    expect(all).not.toContain('confirm Release');
    expect(all).not.toContain('invite Person');
    expect(all).not.toContain('issue Key');
    expect(all).not.toContain('confirm Export');
    for (const one of CUSTODY) expect(all).not.toContain(one);
  });

  it('without scopes may do nothing', () => {
    expect(allowed(key('administrator', []), HOUSE_TENANT)).toEqual([]);
    expect(allowed(key('administrator'), HOUSE_TENANT)).toEqual([]);
  });
});

describe('notices', () => {
  it('are for the person alone, of every role, and never for a key', () => {
    for (const role of ROLES) {
      const ability = abilitiesOf(person(role, 'acme'));
      expect(ability.can('read', subject('Notice', { person: 'me' }))).toBe(true);
      expect(ability.can('read', subject('Notice', { person: 'somebody else' }))).toBe(false);
      expect(abilitiesOf(key(role, [...KEY_SCOPES])).can('read', 'Notice')).toBe(false);
    }
  });

  it('leave by channels that administrators of the house manage', () => {
    const manages = (principal: Principal) => abilitiesOf(principal).can('manage', subject('NoticeChannel', { tenant: HOUSE_TENANT }));
    expect(ROLES.filter((role) => manages(person(role, HOUSE_TENANT)))).toEqual(['administrator']);
    expect(ROLES.filter((role) => manages(person(role, 'acme')) || manages(key(role, [...KEY_SCOPES])))).toEqual([]);
  });
});
