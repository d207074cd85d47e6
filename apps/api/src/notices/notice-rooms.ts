import type { DataFolder } from '@wheelhouse/installation/data-folder';
import type { Logger } from 'pino';
import type { Database } from '../database/database.ts';
import type { Env } from '../env.ts';
import type { Principals } from '../identity/principals.ts';
import { JobRoom } from '../jobs/job-room.ts';
import type { Bulletin } from '../operator/bulletin.ts';
import { ChannelDesk } from './channel-desk.ts';
import { ChannelSecrets } from './channel-secrets.ts';
import { DeliveryLine } from './delivery-line.ts';
import { NoticeDesk } from './notice-desk.ts';
import { Outbox } from './outbox.ts';
import { OwnChannelDesk } from './own-channel-desk.ts';
import { postWithin } from './post.ts';
import { prismaAddresses, prismaChannelRecords, prismaDeliveryRecords, prismaNoticeRecords } from './prisma-records.ts';
import { mailSender, smtp } from './send-mail.ts';
import { pushSender } from './send-push.ts';
import { slackSender } from './send-slack.ts';
import { webhookSender } from './send-webhook.ts';
import { readVapidKeys, type VapidKeys } from './vapid-keys.ts';

type Needs = {
  readonly env: Env;
  readonly log: Logger;
  readonly folder: DataFolder;
  readonly database: Database;
  readonly bulletin: Bulletin;
  readonly principals: Principals;
  /** The address that people reach the console under. */
  readonly url: string;
};

export type NoticeRooms = Awaited<ReturnType<typeof openNotices>>;

/** A receiver has this long to answer. */
const ANSWER_WITHIN_MS = 10_000;
const now = () => new Date();

/** Notices, their channels and their deliveries, wired together; deliveries that a stop cut off are taken up again. */
export async function openNotices({ env, log, folder, database, bulletin, principals, url }: Needs) {
  const notices = prismaNoticeRecords(database.prisma);
  const channels = prismaChannelRecords(database.prisma);
  const deliveries = prismaDeliveryRecords(database.prisma);
  const addresses = prismaAddresses(database.prisma);
  const secrets = new ChannelSecrets(folder.secrets().auth);
  const vapid = readVapidKeys(folder);
  const senders = sendersOf({ env, secrets, vapid, addresses, url });
  const jobs = new JobRoom({ databaseUrl: database.url, redisUrl: env.redisUrl, log });
  const line = new DeliveryLine({ deliveries, channels, secrets, senders, jobs, retryMs: env.notices.retryMs, url, now, log });
  const outbox = new Outbox({
    notices,
    show: (notice, person) => {
      bulletin.tell({ event: 'notice', data: notice }, person);
    },
    enqueue: (id) => {
      line.enqueue(id);
    },
  });
  const mailed = env.notices.mail === null ? null : addresses;
  const desk = new NoticeDesk({ notices, channels, outbox, addresses: mailed, now, log });
  const own = new OwnChannelDesk({ channels, secrets, addresses: mailed, vapidKey: vapid.publicKey, now });
  const nameOf = (id: string) => principals.nameOf(id);
  const house = new ChannelDesk({ channels, deliveries, outbox, secrets, nameOf, now });
  await line.open();
  const close = async (): Promise<void> => {
    await desk.close();
    await line.close();
  };
  return { desk, own, house, close };
}

type SenderNeeds = {
  readonly env: Env;
  readonly secrets: ChannelSecrets;
  readonly vapid: VapidKeys;
  readonly addresses: ReturnType<typeof prismaAddresses>;
  readonly url: string;
};

function sendersOf({ env: { notices }, secrets, vapid, addresses, url }: SenderNeeds) {
  const post = postWithin(ANSWER_WITHIN_MS);
  const sendMail = notices.mail === null ? null : smtp(notices.mail, ANSWER_WITHIN_MS);
  const { hostname, protocol } = new URL(url);
  // Push services want to be able to reach whoever runs the server; some refuse a contact that is plainly none.
  const mailbox = /[^\s<>]+@[^\s<>]+/.exec(notices.mail?.from ?? '')?.[0] ?? 'operator@wheelhouse.local';
  const contact = protocol === 'https:' ? url : `mailto:${mailbox}`;
  return {
    email: mailSender({ sendMail, addresses, host: hostname }),
    web_push: pushSender({ post, keys: vapid, contact }),
    slack: slackSender(post),
    webhook: webhookSender({ post, secrets, now }),
  };
}
