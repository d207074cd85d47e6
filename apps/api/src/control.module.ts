import { type DynamicModule, Module, type Provider, type Type } from '@nestjs/common';
import { APP_FILTER, APP_GUARD, APP_INTERCEPTOR, Reflector } from '@nestjs/core';
import { ActionDesk } from './actions/action-desk.ts';
import { ActionsController } from './actions/actions.controller.ts';
import { DecisionDesk } from './actions/decision-desk.ts';
import { DecisionsController } from './actions/decisions.controller.ts';
import { UseDesk } from './actions/use-desk.ts';
import { VerdictDesk } from './actions/verdict-desk.ts';
import { WebhookDesk } from './actions/webhook-desk.ts';
import { WebhooksController } from './actions/webhooks.controller.ts';
import { CharterCheck } from './charter/charter-check.ts';
import { CharterController } from './charter/charter.controller.ts';
import { CharterDesk } from './charter/charter-desk.ts';
import { GlassController } from './charter/glass.controller.ts';
import { GlassDesk } from './charter/glass-desk.ts';
import { Inbox } from './charter/inbox.ts';
import { ProposalDesk } from './charter/proposal-desk.ts';
import { ProposalsController } from './charter/proposals.controller.ts';
import { ProposalViews } from './charter/proposal-view.ts';
import { SeatDesk } from './charter/seat-desk.ts';
import { VotingKeyDesk } from './charter/voting-key-desk.ts';
import { ContentDesk } from './content/content-desk.ts';
import { ContentController } from './content/content.controller.ts';
import { CustodyController } from './content/custody.controller.ts';
import { ErasureDesk } from './content/erasure-desk.ts';
import { HoldDesk } from './content/hold-desk.ts';
import { EntrySearch } from './exports/entry-search.ts';
import { ExportDesk } from './exports/export-desk.ts';
import { ExportsController } from './exports/exports.controller.ts';
import { SearchController } from './exports/search.controller.ts';
import { HealthController } from './health/health.controller.ts';
import { Health } from './health/health.ts';
import type { House } from './house.ts';
import { IdempotencyInterceptor } from './idempotency/idempotency.interceptor.ts';
import { AccessGuard } from './identity/access.guard.ts';
import { IdentityController } from './identity/identity.controller.ts';
import { Keys } from './identity/keys.ts';
import { OwnAccount } from './identity/own-account.ts';
import { People } from './identity/people.ts';
import { Principals } from './identity/principals.ts';
import { LedgerController } from './ledger/ledger.controller.ts';
import { Ledger } from './ledger/ledger.ts';
import { ReadOnlyGuard } from './ledger/read-only.guard.ts';
import { PublicLog } from './ledger/public-log.ts';
import { PublicLogController } from './ledger/public-log.controller.ts';
import { WitnessDesk } from './ledger/witness-desk.ts';
import { ChannelDesk } from './notices/channel-desk.ts';
import { NoticeDesk } from './notices/notice-desk.ts';
import { NoticesController } from './notices/notices.controller.ts';
import { OwnChannelDesk } from './notices/own-channel-desk.ts';
import { OperatorFloor } from './operator/operator-floor.ts';
import { OperatorGateway } from './operator/operator.gateway.ts';
import { OrderDesk } from './orders/order-desk.ts';
import { OrdersController } from './orders/orders.controller.ts';
import { ReleaseDesk } from './orders/release-desk.ts';
import { PolicyController } from './policy/policy.controller.ts';
import { PolicyDesk } from './policy/policy-desk.ts';
import { ReplayDesk } from './policy/replay-desk.ts';
import { RollbackDesk } from './policy/rollback-desk.ts';
import { ShadowDesk } from './policy/shadow-desk.ts';
import { ProblemFilter } from './problem/problem.filter.ts';
import { SessionDesk } from './sessions/session-desk.ts';
import { SessionsController } from './sessions/sessions.controller.ts';
import { HandBackDesk } from './supervision/hand-back-desk.ts';
import { SupervisionController } from './supervision/supervision.controller.ts';
import { SupervisionDesk } from './supervision/supervision-desk.ts';
import { TransparencyController } from './transparency/transparency.controller.ts';
import { TransparencyDesk } from './transparency/transparency-desk.ts';

function transparencyOf({ charter: { keeper, charter, views }, keeper: orders, ledger, published, witnesses }: House): TransparencyDesk {
  return new TransparencyDesk({ keeper, charter, views, orders, ledger, published, witnesses });
}

/** Nest's side of the control thread: wire in, library call, wire out. What it calls was built before, in `house.ts`. */
@Module({})
export class ControlModule {
  static of(house: House): DynamicModule {
    return {
      module: ControlModule,
      controllers: controllersOf(house),
      providers: [...liveRooms(house), ...structureRooms(house), ...doorkeepers(house)],
    };
  }
}

function controllersOf({ env }: House): Type[] {
  return [
    HealthController,
    IdentityController,
    SessionsController,
    OrdersController,
    SupervisionController,
    ProposalsController,
    CharterController,
    GlassController,
    ContentController,
    CustodyController,
    LedgerController,
    SearchController,
    ExportsController,
    NoticesController,
    PolicyController,
    ActionsController,
    DecisionsController,
    WebhooksController,
    ...(env.publicLog ? [PublicLogController] : []),
    ...(env.transparency ? [TransparencyController] : []),
  ];
}

/** Who is who, the record, and what is live. */
function liveRooms(house: House): Provider[] {
  return [
    { provide: Principals, useValue: house.principals },
    { provide: People, useValue: house.people },
    { provide: Keys, useValue: house.keys },
    { provide: OwnAccount, useValue: house.account },
    { provide: Ledger, useValue: house.ledger },
    { provide: PublicLog, useValue: house.publicLog },
    { provide: WitnessDesk, useValue: house.witnesses },
    { provide: SessionDesk, useValue: house.sessions },
    { provide: OrderDesk, useValue: house.orders },
    { provide: ReleaseDesk, useValue: house.releases },
    { provide: SupervisionDesk, useValue: house.supervision.desk },
    { provide: HandBackDesk, useValue: house.supervision.handBacks },
  ];
}

/** What decides, what is kept, and what leaves the house. */
function structureRooms(house: House): Provider[] {
  return [
    { provide: ProposalDesk, useValue: house.charter.desk },
    { provide: ProposalViews, useValue: house.charter.views },
    { provide: Inbox, useValue: house.charter.inbox },
    { provide: VotingKeyDesk, useValue: house.charter.keys },
    { provide: CharterDesk, useValue: house.charter.charter },
    { provide: CharterCheck, useValue: house.charter.check },
    { provide: SeatDesk, useValue: house.charter.seats },
    { provide: GlassDesk, useValue: house.charter.glass },
    { provide: ContentDesk, useValue: house.content.desk },
    { provide: HoldDesk, useValue: house.content.holds },
    { provide: ErasureDesk, useValue: house.content.erasures },
    { provide: EntrySearch, useValue: house.exports.search },
    { provide: ExportDesk, useValue: house.exports.desk },
    { provide: NoticeDesk, useValue: house.notices.desk },
    { provide: OwnChannelDesk, useValue: house.notices.own },
    { provide: ChannelDesk, useValue: house.notices.house },
    { provide: PolicyDesk, useValue: house.policy.desk },
    { provide: ReplayDesk, useValue: house.policy.replays(house.content.desk) },
    { provide: ShadowDesk, useValue: house.policy.shadow },
    { provide: RollbackDesk, useValue: house.policy.rollbacks },
    { provide: ActionDesk, useValue: house.actions.desk },
    { provide: VerdictDesk, useValue: house.actions.verdicts },
    { provide: UseDesk, useValue: house.actions.uses },
    { provide: DecisionDesk, useValue: house.actions.decisions },
    { provide: WebhookDesk, useValue: house.actions.webhooks },
    { provide: TransparencyDesk, useValue: transparencyOf(house) },
  ];
}

/** What every request passes. */
function doorkeepers(house: House): Provider[] {
  return [
    { provide: Health, useValue: house.health },
    { provide: OperatorFloor, useValue: new OperatorFloor(house) },
    OperatorGateway,
    { provide: APP_GUARD, useFactory: (reflector: Reflector) => new AccessGuard(reflector, house.principals), inject: [Reflector] },
    { provide: APP_GUARD, useValue: new ReadOnlyGuard(house.ledger) },
    {
      provide: APP_INTERCEPTOR,
      useFactory: (reflector: Reflector) => new IdempotencyInterceptor(reflector, house.clock.now),
      inject: [Reflector],
    },
    { provide: APP_FILTER, useValue: new ProblemFilter(house.log) },
  ];
}
