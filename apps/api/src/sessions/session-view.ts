import { latchesOf, levelOf } from '@wheelhouse/gate/gate-word';
import type { Recordable } from '@wheelhouse/protocol/content';
import { Session } from '@wheelhouse/protocol/session';
import type { EngineSession } from '../generated/prisma/client.ts';
import type { OpenSession, SessionRegistry } from './session-registry.ts';

type Known = { readonly nameOf: (id: string) => string; readonly recorded: Recordable[] };

/** What a stored row says of the session itself. */
export const StoredTraits = Session.pick({ level: true, engine: true });

/** A session that has not ended, as callers see it: from memory, as it stands now. */
export function openView(session: OpenSession, registry: SessionRegistry, { nameOf, recorded }: Known): Session {
  const word = registry.wordOf(session);
  const [, tick, lastSequence] = registry.metersOf(session);
  const { facts, engine, openedAt, openedBy, state } = session;
  const { session: id, ...rest } = facts;
  const times = { openedAt, openedByName: nameOf(openedBy), endedAt: null };
  return { id, ...rest, engine, effectiveLevel: levelOf(word), state, ...times, latched: latchesOf(word), recorded, tick, lastSequence };
}

/** A session that has ended, as callers see it: from the database. */
export function endedView(row: EngineSession, { nameOf, recorded }: Known): Session {
  const { id, tenant, deployment, model } = row;
  const { level, engine } = StoredTraits.parse(row);
  const times = {
    openedAt: row.openedAt.toISOString(),
    endedAt: row.endedAt?.toISOString() ?? null,
    openedByName: nameOf(row.openedById),
  };
  const figures = { tick: Math.max(0, (row.restTick ?? 1) - 1), lastSequence: row.restSequence ?? 0 };
  return {
    id,
    tenant,
    deployment,
    model,
    engine,
    level,
    effectiveLevel: level,
    state: 'ended',
    ...times,
    latched: [],
    recorded,
    ...figures,
  };
}
