import type { BreachView } from '@wheelhouse/protocol/charter-view';
import type { z } from 'zod';

/** Who never counts for a power; the proposer never does for any, and is not named again. */
export function excludedInWords(excludes: readonly string[]): string | null {
  const besides = excludes.filter((who) => who !== 'the proposer');
  return besides.length === 0 ? null : besides.join(', ');
}

const ROUTES: Readonly<Record<string, string>> = {
  vote: 'by vote',
  break_glass: 'by break glass',
  amendment: 'by amending the charter',
  appointment: 'by taking seats',
};

export function routeInWords(route: string): string {
  return ROUTES[route] ?? route;
}

type BreachKind = z.infer<typeof BreachView>['kind'];

const BREACHES: Readonly<Record<BreachKind, string>> = {
  autocrat: 'One person is enough',
  below_quorum: 'Fewer than the quorum are enough',
  indispensable: 'One person is needed',
  unreachable: 'Nobody can',
};

export function breachInWords(kind: BreachKind): string {
  return BREACHES[kind];
}
