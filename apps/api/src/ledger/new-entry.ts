import { randomUUID } from 'node:crypto';
import { RULES } from '@wheelhouse/access/rules';
import type { Actor } from '@wheelhouse/protocol/identity';
import { ENTRY_VERSION, type EntryOf, LedgerEntry, type LedgerEntryKind } from '@wheelhouse/protocol/ledger-entry';

/** Wheelhouse itself, where no human acted. */
export const SYSTEM: Actor = { kind: 'system', id: 'wheelhouse', role: 'system' };

export type EntryData<K extends LedgerEntryKind> = EntryOf<K>['data'];

/** What led to an entry: the id of the one before it in the chain of cause and effect. `at`: when it was decided, where that is not now. */
export type Led = { readonly cause?: string; readonly at?: number };

/** The charter that this process decides under. One process has one ledger, and with it one charter. */
let charterInForce: string = RULES.charter;

/** From now on entries say that they were decided under this charter. For the room that adopts charters. */
export function decideUnder(charter: string): void {
  charterInForce = charter;
}

/** The policy that this process decides by: the digest of the bundle in force. */
let policyInForce: string = RULES.policy;

/** From now on entries say that they were decided by this policy. For the room that adopts policies. */
export function decideByPolicy(policy: string): void {
  policyInForce = policy;
}

/** What entries name as the policy that they were decided by. */
export function policyNow(): string {
  return policyInForce;
}

/** A new entry, with an id and the time of now. What a human does was decided under the rules in force. */
export function entryOf<K extends LedgerEntryKind>(kind: K, data: EntryData<K>, by: Actor, led: Led = {}): LedgerEntry {
  const { at = Date.now(), ...rest } = led;
  const rules = by.kind === 'system' ? {} : { policy: policyInForce, charter: charterInForce };
  const clock = Math.round(performance.now() * 1000);
  const time = new Date(at).toISOString();
  return LedgerEntry.parse({ v: ENTRY_VERSION, id: randomUUID(), time, clock, by, ...rules, ...rest, kind, data });
}
