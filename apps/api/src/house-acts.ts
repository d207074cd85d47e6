import { levelOf } from '@wheelhouse/gate/gate-word';
import type { Level } from '@wheelhouse/protocol/level';
import { RestrictiveOrder } from '@wheelhouse/protocol/order';
import type { EmergencyAct } from '@wheelhouse/protocol/proposed-act';
import type { AnyActPort, ProposedPower } from './charter/act-port.ts';
import type { Emergency } from './charter/glass-desk.ts';
import { eraseAct } from './content/erase-act.ts';
import type { ErasureDesk } from './content/erasure-desk.ts';
import type { MasterKeyRotation } from './content/master-key-rotation.ts';
import { rotateAct } from './content/rotate-act.ts';
import type { Database } from './database/database.ts';
import { exportAct } from './exports/export-act.ts';
import type { ExportDesk } from './exports/export-desk.ts';
import { latchActs, latchOf } from './orders/latch-acts.ts';
import type { OrderBookKeeper } from './orders/order-book-keeper.ts';
import type { OrderDesk } from './orders/order-desk.ts';
import type { ReleaseDesk } from './orders/release-desk.ts';
import type { SessionRegistry } from './sessions/session-registry.ts';
import type { StreamHost } from './stream/stream-host.ts';

type Desks = {
  readonly keeper: OrderBookKeeper;
  readonly registry: SessionRegistry;
  readonly streams: StreamHost;
  readonly orders: OrderDesk;
  readonly releases: ReleaseDesk;
  readonly content: { readonly erasures: ErasureDesk; readonly rotation: MasterKeyRotation };
};

type Lawful = { readonly database: Database; readonly policy: { readonly act: readonly [ProposedPower, AnyActPort] } };

export type HouseActs = {
  readonly acts: readonly (readonly [ProposedPower, AnyActPort])[];
  readonly emergency: Emergency;
  readonly cap: (ceiling: Level) => void;
};

/** What the charter's powers are exercised on in this house: latches, levels, exports, erasures, the master key and policy. */
export function actsOf(desks: Desks, exports: { readonly desk: ExportDesk }, { database, policy }: Lawful): HouseActs {
  const { keeper, registry, releases, content } = desks;
  return {
    acts: [
      ...latchActs({ keeper, registry, desk: releases }),
      exportAct(exports.desk),
      eraseAct(content.erasures, database.prisma),
      rotateAct(content.rotation),
      policy.act,
    ],
    emergency: emergencyOf(desks),
    cap: (ceiling) => {
      capSessions(desks, ceiling);
    },
  };
}

function emergencyOf({ keeper, orders, releases }: Desks): Emergency {
  return {
    require: ({ latch, power }) => {
      latchOf(keeper, latch, power);
    },
    permit: ({ latch }, by, cause) => {
      releases.requireLevel(latch, by, { by, ...(cause === null ? {} : { cause }) });
    },
    release: ({ latch }, told) => {
      releases.releaseByGlass(latch, told);
    },
    latchAgain: (act, order) => latchAgain(act, order, { keeper, orders }),
  };
}

/** The same restriction as before, on the same scope, under an order of its own. */
function latchAgain({ latch }: EmergencyAct, id: string, { keeper, orders }: Pick<Desks, 'keeper' | 'orders'>): string | null {
  const given = keeper.orders.get(latch);
  if (given === undefined || given.ack.kind === 'whisper') return null;
  const { kind, scope } = given.ack;
  const level = given.level === null ? {} : { level: given.level };
  const reason = 'The time box of a break glass has ended.';
  return orders.giveByRule(RestrictiveOrder.parse({ id, kind, scope, reason, ...level }));
}

function capSessions({ registry, keeper, streams }: Desks, ceiling: Level): void {
  const changed = registry.cap(ceiling, keeper.book.latches.values());
  streams.notice(
    changed.map((session) => {
      const event = { type: 'level', level: levelOf(registry.wordOf(session)), tick: registry.effectOf(session).tick } as const;
      return { slot: session.slot, session: session.facts.session, event };
    }),
  );
}
