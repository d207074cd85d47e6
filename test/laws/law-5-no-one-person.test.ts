import { abilitiesOf, ACROSS_TENANTS } from '@wheelhouse/access/abilities';
import { subject } from '@casl/ability';
import { decide, emptyBook, evolve, type BookEvent } from '@wheelhouse/gate/order-book';
import { HOUSE_TENANT, KEY_SCOPES, type Principal, ROLES } from '@wheelhouse/protocol/identity';
import { describe, expect, it } from 'vitest';

const AT = '2026-01-01T00:00:00.000Z';

/** One human in every shape in which they can come: each role, signed in, or by a key with every scope. */
const shapes: Principal[] = ROLES.flatMap((role) => {
  const base = { name: 'Ada', role, tenant: HOUSE_TENANT, person: 'ada' } as const;
  return [
    { ...base, kind: 'person', id: 'ada' },
    { ...base, kind: 'key', id: `key-${role}`, keyScopes: [...KEY_SCOPES] },
  ] as const;
});

const actorOf = ({ kind, id, role, person }: Principal) => ({ kind, id, role, ...(kind === 'key' ? { person } : {}) });
const may = (who: Principal, act: 'ask' | 'confirm') => abilitiesOf(who).can(act, subject('Release', { tenant: ACROSS_TENANTS }));

// Until the charter exists, the quorum of every permissive act on latches is two people: one asks, another confirms.
describe('law 5: no one person', () => {
  const latched: BookEvent = {
    type: 'latched',
    latch: {
      order: 'o',
      number: 1,
      kind: 'stop',
      level: null,
      scope: { type: 'everything' },
      author: actorOf(shapes[0] ?? { kind: 'person', id: 'x', role: 'operator', name: '', tenant: '', person: 'x' }),
      reason: '',
      givenAt: AT,
    },
  };

  it('lets no human release anything alone, in whatever two shapes they come', () => {
    let tried = 0;
    for (const asker of shapes.filter((who) => may(who, 'ask'))) {
      const asked = decide(evolve(emptyBook, latched), { type: 'ask', release: 'r', latch: 'o', by: actorOf(asker), reason: 'x', at: AT });
      if ('refused' in asked) throw new Error(asked.message);
      const book = [latched, ...asked].reduce(evolve, emptyBook);
      for (const confirmer of shapes) {
        tried += 1;
        const decided = decide(book, { type: 'confirm', release: 'r', by: actorOf(confirmer), at: AT });
        expect('refused' in decided && ['same_person', 'forbidden'].includes(decided.refused)).toBe(true);
      }
    }
    expect(tried).toBeGreaterThan(20);
  });

  it('lets no key confirm, invite or issue, with any scopes of any role', () => {
    for (const key of shapes.filter(({ kind }) => kind === 'key')) {
      expect(may(key, 'confirm')).toBe(false);
      expect(abilitiesOf(key).can('invite', 'Person')).toBe(false);
      expect(abilitiesOf(key).can('issue', 'Key')).toBe(false);
    }
  });

  it('needs no particular person either: any two who hold the right suffice', () => {
    const holders = (['operator', 'administrator'] as const).flatMap((role) =>
      ['ada', 'ben', 'cy'].map((id): Principal => ({ kind: 'person', id, name: id, role, tenant: HOUSE_TENANT, person: id })),
    );
    for (const asker of holders)
      for (const confirmer of holders) {
        if (asker.id === confirmer.id) continue;
        const asked = decide(evolve(emptyBook, latched), {
          type: 'ask',
          release: 'r',
          latch: 'o',
          by: actorOf(asker),
          reason: 'x',
          at: AT,
        });
        if ('refused' in asked) throw new Error(asked.message);
        const decided = decide([latched, ...asked].reduce(evolve, emptyBook), {
          type: 'confirm',
          release: 'r',
          by: actorOf(confirmer),
          at: AT,
        });
        expect('refused' in decided).toBe(false);
      }
  });
});
