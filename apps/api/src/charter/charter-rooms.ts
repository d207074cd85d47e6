import type { CharterEntry } from '@wheelhouse/charter/charter-kinds';
import type { Level } from '@wheelhouse/protocol/level';
import type { Logger } from 'pino';
import type { Database } from '../database/database.ts';
import type { Env } from '../env.ts';
import type { Principals } from '../identity/principals.ts';
import { JobRoom } from '../jobs/job-room.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { NoticeDesk } from '../notices/notice-desk.ts';
import type { Bulletin } from '../operator/bulletin.ts';
import type { AnyActPort, ProposedPower } from './act-port.ts';
import { accessAct, completeGrants } from './acts/access-act.ts';
import { amendAct } from './acts/amend-act.ts';
import { reviewAct } from './acts/review-act.ts';
import { seatActs } from './acts/seat-acts.ts';
import { CeilingKeeper } from './ceiling-keeper.ts';
import { CharterCheck } from './charter-check.ts';
import { CharterDesk } from './charter-desk.ts';
import type { CharterKeeper } from './charter-keeper.ts';
import { CharterNotices } from './charter-notices.ts';
import type { Court } from './court.ts';
import { CharterWatch } from './charter-watch.ts';
import { type Emergency, GlassDesk } from './glass-desk.ts';
import { Inbox } from './inbox.ts';
import { PracticeSeals } from './practice-seals.ts';
import { ProposalClock } from './proposal-clock.ts';
import { ProposalDesk } from './proposal-desk.ts';
import { ProposalViews } from './proposal-view.ts';
import { SeatDesk } from './seat-desk.ts';
import { Signatures } from './signatures.ts';
import { VotingKeyDesk } from './voting-key-desk.ts';

type Needs = {
  readonly keeper: CharterKeeper;
  readonly court: Court;
  readonly env: Env;
  readonly log: Logger;
  readonly database: Database;
  readonly ledger: Ledger;
  readonly bulletin: Bulletin;
  readonly principals: Principals;
  readonly notices: NoticeDesk;
  readonly url: string;
  /** The installation's own secret. */
  readonly secret: string;
  /** What the other rooms have that a power can be exercised on. */
  readonly acts: readonly (readonly [ProposedPower, AnyActPort])[];
  readonly emergency: Emergency;
  /** Caps every session's level. */
  readonly cap: (ceiling: Level) => void;
};

export type CharterRooms = Awaited<ReturnType<typeof openCharter>>;

const TEND_MS = 1000;
/** After these, open proposals may stand otherwise: seats, absences and the rules themselves. */
const UNSETTLING: ReadonlySet<CharterEntry['kind']> = new Set([
  ...(['charter.adopted', 'seat.appointed', 'seat.recalled', 'seat.left', 'absence.declared', 'access.granted'] as const),
  ...(['latch.released', 'glass.reviewed', 'training.recorded', 'key.rotated', 'policy.adopted'] as const),
]);

/** Proposals, votes, seats and break glass, wired together. */
export async function openCharter({ keeper, court, log, database, principals, ...needs }: Needs) {
  const { prisma } = database;
  const nameOf = (id: string) => principals.nameOf(id);
  const signatures = new Signatures(keeper);
  const check = new CharterCheck(keeper);
  const own = [amendAct(keeper, check), ...seatActs(keeper, check, nameOf), accessAct({ keeper, prisma, principals }), reviewAct(keeper)];
  const desk = new ProposalDesk({
    keeper,
    ports: new Map([...own, ...needs.acts]),
    signatures,
    check,
    seals: new PracticeSeals(needs.secret),
    log,
  });
  court.sit(desk);
  const views = viewsOf(desk, nameOf);
  const glass = new GlassDesk({ keeper, signatures, emergency: needs.emergency, nameOf, log });
  const rpId = new URL(needs.url).hostname;
  const ceiling = new CeilingKeeper({ keeper, ledger: needs.ledger, cap: needs.cap, bulletin: needs.bulletin, log });
  const notices = new CharterNotices({ keeper, views, send: (notice, to) => needs.notices.send(notice, to) });
  const jobs = new JobRoom({ databaseUrl: database.url, redisUrl: needs.env.redisUrl, log });
  const charterOf = (file: Parameters<typeof desk.contextAsOpened>[0]) => desk.contextAsOpened(file).charter;
  const clock = new ProposalClock({
    keeper,
    desk,
    jobs,
    charterOf,
    tell: (file, kind) => {
      notices.moment(file, kind);
    },
    log,
  });
  tellOf({ desk, glass, keeper, notices, ceiling, bulletin: needs.bulletin, log });
  if (needs.ledger.fault === null) {
    await completeGrants({ keeper, prisma, principals }, grantedAdministrators(keeper));
    await clock.open();
  }
  const watch = new CharterWatch({ keeper, check, bulletin: needs.bulletin, log });
  watch.start();
  ceiling.tend();
  const tending = startTending({ glass, ceiling, notices, ledger: needs.ledger, log });
  return {
    keeper,
    desk,
    views,
    inbox: new Inbox(keeper, desk, views),
    keys: new VotingKeyDesk({ keeper, signatures, prisma, url: needs.url }),
    charter: new CharterDesk({ keeper, prisma, nameOf }),
    check,
    seats: new SeatDesk({ keeper, signatures, rpId }),
    glass,
    ceiling,
    close: async (): Promise<void> => {
      clearInterval(tending);
      watch.stop();
      await clock.close();
    },
  };
}

function viewsOf(desk: ProposalDesk, nameOf: (id: string) => string): ProposalViews {
  return new ProposalViews({
    contextOf: (file) => desk.contextAsOpened(file),
    askedOf: (file, by, mayVote) => desk.askedOf(file, by, mayVote),
    nameOf,
  });
}

type Told = {
  readonly desk: ProposalDesk;
  readonly glass: GlassDesk;
  readonly keeper: CharterKeeper;
  readonly notices: CharterNotices;
  readonly ceiling: CeilingKeeper;
  readonly bulletin: Bulletin;
  readonly log: Logger;
};

/** Who hears of what has changed: consoles, the people concerned, and proposals that may stand otherwise now. */
function tellOf({ desk, glass, keeper, notices, ceiling, bulletin, log }: Told): void {
  desk.onChange((file) => {
    bulletin.post({ event: 'proposal', data: { id: file.life.proposal.id } }, null);
    notices.changed(file);
  });
  glass.onChange((file) => {
    notices.glass(file);
  });
  keeper.onEntry((entry) => {
    notices.entry(entry);
    ceiling.tend();
    if (!UNSETTLING.has(entry.kind)) return;
    desk.lookAll(entry.kind === 'latch.released' ? entry.data.latch : null).catch((error: unknown) => {
      log.error({ err: error }, 'proposals could not be looked at after a change; the clock looks again');
    });
  });
}

/** What has to be done when its time has come, whoever is there. */
function startTending(parts: Pick<Told, 'glass' | 'ceiling' | 'notices' | 'log'> & { readonly ledger: Ledger }): NodeJS.Timeout {
  const { glass, ceiling, notices, ledger, log } = parts;
  return setInterval(() => {
    ceiling.tend();
    notices.overdue();
    if (ledger.fault !== null) return;
    glass.tend().catch((error: unknown) => {
      log.error({ err: error }, 'a break glass whose time is over could not be ended; trying again');
    });
  }, TEND_MS);
}

/** People who became administrators by a proposal, as the ledger tells it. */
function* grantedAdministrators(keeper: CharterKeeper): Generator<string> {
  for (const { act, life } of keeper.record.proposals.all())
    if (act.power === 'access.grant' && act.grant === 'administrator' && life.state === 'executed') yield act.person;
}
