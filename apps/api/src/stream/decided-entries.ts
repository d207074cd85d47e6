import type { Ledger } from '../ledger/ledger.ts';
import type { SessionRegistry } from '../sessions/session-registry.ts';
import type { DecidedReport } from './decided-tally.ts';

/** What stream threads report of their checkpoints, into the ledger: facts and signals, no content. */
export function recordDecided(ledger: Ledger, registry: SessionRegistry, decisions: readonly DecidedReport[]): Promise<unknown>[] {
  return decisions.map(({ session, checkpoint, tick, times, level, signals, decision }) => {
    const facts = registry.get(session)?.facts;
    const { verdict, policies, errors, bundle } = decision;
    const place = facts === undefined ? {} : { tenant: facts.tenant, deployment: facts.deployment, model: facts.model };
    const request = { ...place, level, ...(signals === null ? {} : { signals }) };
    return ledger.append('checkpoint.decided', { checkpoint, session, tick, times, verdict, policies, problems: errors, bundle, request });
  });
}
