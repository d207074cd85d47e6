import type { Actor, Me } from '@wheelhouse/protocol/identity';

/** Whether this person did it, by themselves or through a key of theirs: then another has to decide. */
export function isMine(actor: Actor, me: Me): boolean {
  return (actor.person ?? actor.id) === me.principal.person;
}
