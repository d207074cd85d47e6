import { subject } from '@casl/ability';
import { abilitiesOf } from '@wheelhouse/access/abilities';
import type { Principal } from '@wheelhouse/protocol/identity';
import type { OperatorEvent } from '@wheelhouse/protocol/operator-message';
import { mayRead } from '../orders/order-rights.ts';
import type { ReleaseDesk } from '../orders/release-desk.ts';
import type { SessionDesk } from '../sessions/session-desk.ts';
import type { SessionRegistry } from '../sessions/session-registry.ts';
import { mayJoin } from '../supervision/supervision-rights.ts';
import type { SupervisionRooms } from '../supervision/supervision-rooms.ts';
import type { Watch } from '../sessions/watch.ts';
import type { Announcement, Bulletin } from './bulletin.ts';
import type { MeterFeed } from './meter-feed.ts';
import type { Transcripts } from './transcripts.ts';

type Parts = {
  readonly sessions: SessionDesk;
  readonly registry: SessionRegistry;
  readonly releases: ReleaseDesk;
  readonly watch: Watch;
  readonly transcripts: Transcripts;
  readonly bulletin: Bulletin;
  readonly meters: MeterFeed;
  readonly supervision: SupervisionRooms;
};

/** What an operator may see of the house at this moment. */
export class OperatorFloor {
  readonly watch: Watch;
  readonly transcripts: Transcripts;
  readonly bulletin: Bulletin;
  readonly meters: MeterFeed;
  readonly #sessions: SessionDesk;
  readonly #registry: SessionRegistry;
  readonly #releases: ReleaseDesk;
  readonly #supervision: SupervisionRooms;

  constructor(parts: Parts) {
    this.#sessions = parts.sessions;
    this.#registry = parts.registry;
    this.#releases = parts.releases;
    this.#supervision = parts.supervision;
    this.watch = parts.watch;
    this.transcripts = parts.transcripts;
    this.bulletin = parts.bulletin;
    this.meters = parts.meters;
  }

  /** Everything that stands, for a console that has just connected. */
  welcome(principal: Principal): OperatorEvent {
    const may = abilitiesOf(principal);
    const visible = [...this.#registry.all()].filter((session) => may.can('read', subject('Session', { tenant: session.facts.tenant })));
    const readsOrders = may.can('read', 'Order');
    return {
      event: 'welcome',
      data: {
        me: principal,
        sessions: visible.map((session) => this.#sessions.view(session)),
        latches: readsOrders ? this.#releases.latches(principal) : [],
        releases: readsOrders ? this.#releases.releases(principal, 'waiting') : [],
        supervision: this.#supervision.floor.views().filter(({ session }) => this.#mayJoin(principal, session)),
      },
    };
  }

  /** Of these sessions, the ones that are open and may be followed. */
  followable(principal: Principal, sessions: readonly string[]): string[] {
    const may = abilitiesOf(principal);
    return sessions.filter((id) => {
      const session = this.#registry.get(id);
      return session !== undefined && may.can('read', subject('Session', { tenant: session.facts.tenant }));
    });
  }

  #mayJoin(principal: Principal, session: string): boolean {
    const tenant = this.#registry.get(session)?.facts.tenant;
    return tenant !== undefined && mayJoin(principal, tenant);
  }

  /** Whether an announcement is for this caller's eyes. */
  concerns(principal: Principal, { event, tenant, person }: Announcement): boolean {
    if (person !== null) return principal.kind === 'person' && principal.person === person;
    if (tenant === null) return true;
    // Monitoring is silent: that somebody listens is for those who might themselves.
    if (event.event === 'supervision') return mayJoin(principal, tenant);
    return event.event === 'session' ? abilitiesOf(principal).can('read', subject('Session', { tenant })) : mayRead(principal, tenant);
  }
}
