import { useQuery } from '@tanstack/react-query';
import { Person, type Actor } from '@wheelhouse/protocol/identity';
import { useMemo } from 'react';
import { z } from 'zod';
import { call } from '../rest/call.ts';
import { useMe } from '../shell/use-me.ts';
import type { Names } from './names.ts';
import { short } from './plain-words.ts';

const People = z.object({ items: z.array(Person) });

/** The people whose names this reader may know: everybody for those who may read people, otherwise oneself. */
export function usePeople(): readonly { readonly id: string; readonly name: string }[] {
  const { me, ability } = useMe();
  const people = useQuery({
    queryKey: ['people'],
    enabled: ability.can('read', 'Person'),
    staleTime: 60_000,
    queryFn: () => call(People, 'GET', '/v1/people'),
  });
  return useMemo(() => {
    const own = { id: me.principal.person, name: me.principal.name };
    const others = (people.data?.items ?? []).filter(({ id }) => id !== own.id).map(({ id, name }) => ({ id, name }));
    return [own, ...others];
  }, [people.data, me]);
}

/** What to call whoever acted. The ledger holds ids only: names can change, and be forgotten. */
export function useNames(): Names {
  const people = usePeople();
  return useMemo(() => {
    const known = new Map(people.map(({ id, name }) => [id, name]));
    const person = (id: string) => known.get(id) ?? `person ${short(id)}`;
    return { person, actor: (actor) => actorInWords(actor, (id) => known.get(id) ?? null) };
  }, [people]);
}

function actorInWords({ kind, id, role, person }: Actor, nameOf: (id: string) => string | null): string {
  switch (kind) {
    case 'system':
      return 'Wheelhouse';
    case 'person':
      return nameOf(id) ?? `${role} ${short(id)}`;
    case 'key':
      return `A key of ${(person === undefined ? null : nameOf(person)) ?? `${role} ${short(person ?? id)}`}`;
  }
}
