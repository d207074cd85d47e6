import type { DataFolder } from '@wheelhouse/installation/data-folder';
import { HOUSE_TENANT, type Role } from '@wheelhouse/protocol/identity';
import type { Logger } from 'pino';
import type { SubjectKeys } from '../content/subject-keys.ts';
import { wordsVault } from '../content/words-vault.ts';
import type { Court } from '../charter/court.ts';
import type { Database } from '../database/database.ts';
import type { Env } from '../env.ts';
import type { Principals } from '../identity/principals.ts';
import { JobRoom } from '../jobs/job-room.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { ChannelSecrets } from '../notices/channel-secrets.ts';
import type { NoticeDesk } from '../notices/notice-desk.ts';
import { postWithin } from '../notices/post.ts';
import type { Bulletin } from '../operator/bulletin.ts';
import type { SessionRegistry } from '../sessions/session-registry.ts';
import { ActionBook } from './action-book.ts';
import { actionActs } from './action-acts.ts';
import { ActionDesk } from './action-desk.ts';
import { ActionGate, type PolicyPort } from './action-gate.ts';
import { ActionNews } from './action-news.ts';
import { ActionScribe } from './action-scribe.ts';
import { ActionSeal } from './action-seal.ts';
import { ActionViews } from './action-views.ts';
import { ActionWatch } from './action-watch.ts';
import { powerOf } from './action-row.ts';
import { DecisionDesk } from './decision-desk.ts';
import { prismaActionRecords } from './prisma-action-records.ts';
import { SessionActions } from './session-actions.ts';
import { UseDesk } from './use-desk.ts';
import { VerdictDesk } from './verdict-desk.ts';
import { WebhookDesk } from './webhook-desk.ts';
import { webhookLine } from './webhook-line.ts';
import { prismaWebhookRecords } from './webhook-records.ts';

type Needs = {
  readonly env: Env;
  readonly log: Logger;
  readonly folder: DataFolder;
  readonly database: Database;
  readonly subjectKeys: SubjectKeys;
  readonly ledger: Ledger;
  readonly bulletin: Bulletin;
  readonly principals: Principals;
  readonly registry: SessionRegistry;
  readonly notices: NoticeDesk;
  readonly policy: PolicyPort;
  readonly court: Court;
  /** The data subject of a recorded session; null where nothing of it is kept. */
  readonly subjectOf: (session: string) => string | null;
  readonly url: string;
};

export type ActionRooms = Awaited<ReturnType<typeof openActions>>;

/** A receiver has this long to answer. */
const ANSWER_WITHIN_MS = 10_000;

/** Actions, decisions and webhooks, wired together; what waited when the server stopped waits again. */
export async function openActions(needs: Needs) {
  const { log, database, ledger, principals, registry, policy, court, url, bulletin } = needs;
  const records = prismaActionRecords(database.prisma);
  const now = steadyClock(await records.latest());
  const nameOf = (id: string) => principals.nameOf(id);
  const isOpen = (session: string) => registry.get(session) !== undefined;
  const { webhooks, line } = openWebhooks(needs);
  const book = new ActionBook({ records, log, nowMs: () => performance.now() });
  const seal = new ActionSeal(wordsVault(needs.subjectKeys));
  const views = new ActionViews({ seal, nameOf, reasonOf: (id) => policy.reasonOf(id), hasProposal: (id) => court.has(id) });
  const scribe = new ActionScribe({ book, records, ledger, now, log });
  const gate = new ActionGate({ policy, registry, log });
  const shared = { book, records, seal, views, scribe, gate, court, log };
  const sessions = new SessionActions({ ...shared, isOpen, sessionOf: (session) => sessionOf(needs, session) });
  const isVotedOn = (id: string) => court.isOpen(id);
  const watch = new ActionWatch({ book, records, scribe, ledger, isOpen, isVotedOn, now, log });
  const news = new ActionNews({
    bulletin,
    send: (notice, to) => needs.notices.send(notice, to),
    peopleOf: (tenant, roles) => peopleOf(database, tenant, roles),
    webhooks,
    takesVotes: (row) => powerOf(row) !== null && court.inForce,
    log,
  });
  book.onChange((row) => {
    news.changed(row);
  });
  bulletin.subscribe(({ event }) => {
    if (event.event === 'session' && event.data.state === 'ended') sessions.sessionEnded(event.data.id);
  });
  await line.open();
  if (ledger.fault === null) await watch.load();
  watch.start();
  return {
    desk: new ActionDesk({ ...shared, requireWebhook: webhooks.requireOwn }),
    verdicts: new VerdictDesk({ ...shared, nameOf, now }),
    uses: new UseDesk({ ...shared, ledger, now }),
    decisions: new DecisionDesk({ gate, court, ledger, url, log }),
    /** What the charter's powers over models are exercised on. */
    acts: actionActs({
      ...shared,
      sessionsOn: (deployment) => registry.covered({ type: 'deployment', deployment }).map(({ facts }) => facts),
    }),
    webhooks,
    sessions,
    /** Lets go everybody who waits for a decision, and stops sending. */
    close: async (): Promise<void> => {
      await watch.close();
      await line.close();
    },
  };
}

function openWebhooks({ env, folder, database, log }: Needs) {
  const records = prismaWebhookRecords(database.prisma);
  const secrets = new ChannelSecrets(folder.secrets().auth);
  const jobs = new JobRoom({ databaseUrl: database.url, redisUrl: env.redisUrl, log });
  const now = () => new Date();
  const post = postWithin(ANSWER_WITHIN_MS);
  const line = webhookLine({ records, secrets, post, jobs, retryMs: env.notices.retryMs, now, log });
  const enqueue = (delivery: string) => {
    line.enqueue(delivery);
  };
  return { line, webhooks: new WebhookDesk({ records, secrets, enqueue, now }) };
}

/** Milliseconds since 1970 by a clock that is set once, at start, to no earlier than what is recorded: setting the machine's clock back revives nothing. */
function steadyClock(latest: number): () => number {
  const ahead = Math.max(Date.now(), latest) - performance.now();
  return () => Math.floor(ahead + performance.now());
}

/** The person behind an open session, and whose content it carries. */
async function sessionOf({ registry, database, subjectOf }: Needs, session: string): Promise<{ person: string; subject: string } | null> {
  const open = registry.get(session);
  if (open === undefined) return null;
  const key = await database.prisma.apiKey.findUnique({ where: { id: open.openedBy }, select: { referenceId: true } });
  const person = key?.referenceId ?? open.openedBy;
  return { person, subject: subjectOf(session) ?? person };
}

async function peopleOf({ prisma }: Database, tenant: string, roles: readonly Role[]): Promise<string[]> {
  const where = { role: { in: [...roles] }, tenant: { in: [tenant, HOUSE_TENANT] } };
  return (await prisma.user.findMany({ where, select: { id: true } })).map(({ id }) => id);
}
