import { HOUSE_TENANT, type Principal } from '@wheelhouse/protocol/identity';
import { Refusal } from '../problem/refusal.ts';

/** A bundle decides for every tenant, and what was decided names people and sessions of each: trying one out on it is for the house. */
export function requireHouse({ tenant }: Principal): void {
  if (tenant !== HOUSE_TENANT)
    throw new Refusal('forbidden', 'Shadows and replays look at what was decided for every tenant: they are for people of the house.');
}
