import { randomUUID } from 'node:crypto';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { LatchTable } from '@wheelhouse/gate/latch-table';
import { HOUSE_TENANT, type Principal } from '@wheelhouse/protocol/identity';
import { OperatorRequest } from '@wheelhouse/protocol/operator-message';
import { LATCH_KINDS, OrderRequest } from '@wheelhouse/protocol/order';
import { SessionRegistry } from '../sessions/session-registry.ts';
import { requireGive } from './order-rights.ts';

const ROUNDS = 200;
const STAND_INS = 256;
const NOBODY: Principal = {
  kind: 'person',
  id: 'rehearsal',
  name: 'Rehearsal',
  role: 'operator',
  tenant: HOUSE_TENANT,
  person: 'rehearsal',
};

/**
 * Runs everything that an order passes through, before the doors open, on a session that does not exist: the first stop of the day must not
 * be the slow one, while the runtime still compiles what it is made of. Nothing is latched, numbered or recorded. Orders over many sessions
 * are rehearsed on a table of their own.
 */
export async function rehearseOrders(app: NestFastifyApplication, registry: SessionRegistry): Promise<void> {
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const kind of LATCH_KINDS) {
      const order = {
        id: randomUUID(),
        kind,
        scope: { type: 'session', session: randomUUID() },
        reason: 'rehearsal',
        ...(kind === 'level' ? { level: 1 } : {}),
      };
      const parsed = OrderRequest.parse(order);
      OperatorRequest.parse({ event: 'order', data: order });
      if (parsed.kind === 'release' || parsed.kind === 'whisper') continue;
      requireGive(NOBODY, parsed.scope, HOUSE_TENANT);
      registry.latch({ kind: parsed.kind, level: parsed.kind === 'level' ? parsed.level : null, scope: parsed.scope });
    }
  }
  rehearseWideOrders();
  // The way through the web framework too: without a credential, so that it ends at the guard.
  for (let round = 0; round < ROUNDS / 10; round += 1) await app.inject({ method: 'POST', url: '/v1/orders', payload: { kind: 'stop' } });
}

/** Latches and releases stand-ins in a registry that no stream thread knows. */
function rehearseWideOrders(): void {
  const stage = new SessionRegistry(LatchTable.create(STAND_INS));
  const rest = { tick: 0, sequence: 0, head: new Uint8Array(0) };
  for (let i = 0; i < STAND_INS; i += 1) {
    const facts = { session: randomUUID(), tenant: HOUSE_TENANT, deployment: 'rehearsal', model: 'rehearsal', level: 3 } as const;
    const now = { openedAt: '', openedBy: NOBODY.id, rest, cleanRest: true, ending: null, waitingSince: 0 };
    stage.add({ facts, engine: 'echo', ...now }, []);
  }
  for (let round = 0; round < ROUNDS; round += 1) {
    const covered = stage.latch({ kind: 'stop', level: null, scope: { type: 'everything' } });
    for (const session of covered) stage.effectOf(session);
    stage.lastLeftAt(covered);
    stage.restand([]);
  }
}
