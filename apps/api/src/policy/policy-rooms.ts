import path from 'node:path';
import type { Logger } from 'pino';
import type { Court } from '../charter/court.ts';
import type { Env } from '../env.ts';
import type { Principals } from '../identity/principals.ts';
import type { ContentDesk } from '../content/content-desk.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { Bulletin } from '../operator/bulletin.ts';
import type { OrderLog } from '../orders/order-log.ts';
import { CheckpointGuard } from './checkpoint-guard.ts';
import { DecisionRecord } from './decision-record.ts';
import { policyChangeAct } from './policy-act.ts';
import { PolicyDesk } from './policy-desk.ts';
import { PolicyKeeper } from './policy-keeper.ts';
import { PolicyLab } from './policy-lab.ts';
import { ReplayDesk } from './replay-desk.ts';
import { RollbackDesk } from './rollback-desk.ts';
import { ShadowDesk } from './shadow-desk.ts';
import { bundleIn } from './shipped-bundle.ts';

const TELL_EVERY_MS = 1000;

type Decides = { readonly ledger: Ledger; readonly bulletin: Bulletin; readonly log: Logger };

/** What other rooms decide and record by. Nothing is in force until `openPolicy` has read the ledger: until then everything is denied. */
export function policyDecisions({ ledger, bulletin, log }: Decides) {
  const keeper = new PolicyKeeper({ ledger, bulletin, log });
  const record = new DecisionRecord({ ledger, keeper, log });
  return { keeper, record, guard: new CheckpointGuard(keeper, record) };
}

export type PolicyDecisions = ReturnType<typeof policyDecisions>;

type Needs = Decides & {
  readonly decisions: PolicyDecisions;
  readonly env: Env;
  readonly principals: Principals;
  readonly orderLog: OrderLog;
  readonly court: Court;
};

export type PolicyRooms = Awaited<ReturnType<typeof openPolicy>>;

/** Puts in force what the ledger says, and wires together what people see and change of it. */
export async function openPolicy({ decisions, env, ledger, log, principals, orderLog, court }: Needs) {
  const { keeper } = decisions;
  await keeper.open(() => bundleIn(path.join(env.root, 'policies')));
  const nameOf = (id: string) => principals.nameOf(id);
  const lab = new PolicyLab();
  const shadow = new ShadowDesk({ keeper, lab, nameOf });
  const telling = setInterval(() => {
    keeper.gather();
  }, TELL_EVERY_MS);
  return {
    ...decisions,
    shadow,
    replays: (content: ContentDesk) => new ReplayDesk({ keeper, lab, ledger, content }),
    desk: new PolicyDesk({ keeper, lab, signer: ledger.identity.signer, nameOf }),
    rollbacks: new RollbackDesk({ keeper, ledger, orderLog, log }),
    act: policyChangeAct({ keeper, lab, ledger, shadow, court }),
    close: (): void => {
      clearInterval(telling);
    },
  };
}
