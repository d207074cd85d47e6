import type { EntryOf } from '@wheelhouse/protocol/ledger-entry';
import { parseInstant } from './instant.ts';

/** The entries of the ledger that the state of the charter is folded from. */
export const CHARTER_KINDS = [
  'person.joined',
  'voter.enrolled',
  'access.granted',
  'key.rotated',
  'proposal.opened',
  'vote.cast',
  'conflict.declared',
  'proposal.passed',
  'proposal.closed',
  'charter.adopted',
  'seat.appointed',
  'seat.recalled',
  'seat.left',
  'handover.announced',
  'handover.accepted',
  'handover.cancelled',
  'absence.declared',
  'absence.ended',
  'delegation.given',
  'delegation.ended',
  'training.recorded',
  'glass.asked',
  'glass.signed',
  'glass.broken',
  'glass.ended',
  'glass.reviewed',
  'latch.released',
  'subject.erased',
  'export.confirmed',
  'policy.adopted',
  'action.decided',
] as const;

export type CharterEntry = EntryOf<(typeof CHARTER_KINDS)[number]>;

/** The approval that an entry uses up: the one entry that is both the effect and the end of a proposal. Null for all others. */
export function approvalUsedBy(entry: CharterEntry): string | null {
  switch (entry.kind) {
    case 'latch.released':
    case 'subject.erased':
    case 'export.confirmed':
    case 'policy.adopted':
    case 'action.decided':
      return entry.data.proposal ?? null;
    case 'charter.adopted':
    case 'seat.appointed':
    case 'seat.recalled':
    case 'access.granted':
    case 'key.rotated':
    case 'glass.reviewed':
      return entry.data.proposal;
    default:
      return null;
  }
}

/** When an entry was made, in milliseconds since 1970. */
export function timeOf({ time }: CharterEntry): number {
  return msOf(time);
}

/** The human behind an entry; for Wheelhouse's own, its name. */
export function personBehind({ by }: CharterEntry): string {
  return by.kind === 'key' ? (by.person ?? by.id) : by.id;
}

/** A time of an entry in milliseconds since 1970. Throws for text that is none: the schema of entries lets no such through. */
export function msOf(text: string): number {
  const at = parseInstant(text);
  if (at === null) throw new Error(`"${text}" is no time that an entry can bear`);
  return at;
}
