import { toolFacts } from '@wheelhouse/policy/tool-facts';
import type { PolicyRequest } from '@wheelhouse/protocol/policy';
import type { PolicyDecisions } from '../policy/policy-rooms.ts';
import type { SessionRegistry } from '../sessions/session-registry.ts';
import type { DecidedReport } from './decided-tally.ts';

/** What stream threads report of their checkpoints, into the ledger: what was asked, in facts and signals and without content, so that it can be asked again. */
export function recordDecided(
  { keeper, record }: Pick<PolicyDecisions, 'keeper' | 'record'>,
  registry: SessionRegistry,
  decisions: readonly DecidedReport[],
): void {
  for (const { session, checkpoint, tick, times, level, signals, tool, decision } of decisions) {
    // A session that is gone by now has left nothing but its id.
    const { tenant = '', deployment = '', model = '' } = registry.get(session)?.facts ?? {};
    const request: PolicyRequest = {
      checkpoint,
      principal: { kind: 'engine', id: model, role: 'engine', tenant },
      resource: tool === undefined ? { kind: 'session', id: session, tenant } : { kind: 'tool', id: tool, tenant },
      context: {
        ...{ level, deployment, model },
        ...(signals === null ? {} : { signals }),
        ...(tool === undefined ? {} : { tool: toolFacts(keeper.loaded, tool) }),
      },
    };
    record.write({ request, decision, session, tick, times });
  }
}
