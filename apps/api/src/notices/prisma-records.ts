import { NoticeKind, DeliveryState, SentKind } from '@wheelhouse/protocol/notice';
import { z } from 'zod';
import type { PrismaClient } from '../generated/prisma/client.ts';
import type { Addresses, Before, ChannelRecords, ChannelRow, DeliveryRecords, DeliveryRow, NoticeRecords, NoticeRow } from './records.ts';

/** Addresses that are names for this machine and get no mail, such as the first operator's. */
const NO_MAIL = '.local';

type StoredNotice = Omit<NoticeRow, 'kind'> & { kind: string };
type StoredChannel = Omit<ChannelRow, 'kind' | 'kinds'> & { kind: string; kinds: string };
type StoredDelivery = Omit<DeliveryRow, 'state' | 'notice' | 'channel'> & { state: string; noticeId: string; channelId: string };

const KindOfChannel = z.enum(['web_push', 'email', 'slack', 'webhook']);
const Kinds = z.array(NoticeKind);

/** What is after a place in a list from the newest to the oldest. */
function after(before: Before | null) {
  if (before === null) return {};
  return { OR: [{ createdAt: { lt: before.at } }, { createdAt: before.at, id: { lt: before.id } }] };
}

const NEWEST_FIRST: readonly { readonly createdAt?: 'desc'; readonly id?: 'desc' }[] = [{ createdAt: 'desc' }, { id: 'desc' }];

export function prismaNoticeRecords(prisma: PrismaClient): NoticeRecords {
  return {
    add: (notices, deliveries) =>
      prisma.$transaction(async (transaction) => {
        const added = await transaction.notice.createManyAndReturn({ data: [...notices], skipDuplicates: true, select: { id: true } });
        const fresh = new Set(added.map(({ id }) => id));
        const data = deliveries.filter(({ notice }) => fresh.has(notice)).map(storedDelivery);
        const underWay = await transaction.noticeDelivery.createManyAndReturn({ data, skipDuplicates: true, select: { id: true } });
        return { notices: [...fresh], deliveries: underWay.map(({ id }) => id) };
      }),
    page: async (person, { unread, before, limit }) => {
      const where = { person, ...(unread ? { readAt: null } : {}), ...after(before) };
      return (await prisma.notice.findMany({ where, orderBy: [...NEWEST_FIRST], take: limit })).map(noticeRow);
    },
    countUnread: (person) => prisma.notice.count({ where: { person, readAt: null } }),
    markRead: async (person, ids, at) => {
      const which = ids === null ? {} : { id: { in: [...ids] } };
      await prisma.notice.updateMany({ where: { person, readAt: null, ...which }, data: { readAt: at } });
    },
  };
}

export function prismaChannelRecords(prisma: PrismaClient): ChannelRecords {
  return {
    of: async (people) => {
      const where = { removedAt: null, OR: [{ person: null }, { person: { in: [...people] } }] };
      return (await prisma.noticeChannel.findMany({ where, orderBy: [{ createdAt: 'asc' }, { id: 'asc' }] })).map(channelRow);
    },
    get: async (id) => {
      const row = await prisma.noticeChannel.findUnique({ where: { id } });
      return row === null ? null : channelRow(row);
    },
    put: async (channel) => {
      const data = storedChannel(channel);
      await prisma.noticeChannel.upsert({ where: { id: channel.id }, create: data, update: data });
    },
    addMissing: async (channels) => {
      await prisma.noticeChannel.createMany({ data: channels.map(storedChannel), skipDuplicates: true });
    },
  };
}

export function prismaDeliveryRecords(prisma: PrismaClient): DeliveryRecords {
  return {
    due: async () => {
      const rows = await prisma.noticeDelivery.findMany({ where: { nextAt: { not: null } }, select: { id: true, nextAt: true } });
      return rows.flatMap(({ id, nextAt }) => (nextAt === null ? [] : [{ id, nextAt }]));
    },
    get: async (id) => {
      const row = await prisma.noticeDelivery.findUnique({ where: { id }, include: { notice: true, channel: true } });
      return row === null ? null : { delivery: deliveryRow(row), notice: noticeRow(row.notice), channel: channelRow(row.channel) };
    },
    record: async (id, outcome) => {
      await prisma.noticeDelivery.update({ where: { id }, data: { ...outcome } });
    },
    page: async (channel, { person, before, limit }) => {
      const where = { channelId: channel, ...(person === null ? {} : { notice: { person } }), ...after(before) };
      const include = { notice: { select: { kind: true } } };
      const rows = await prisma.noticeDelivery.findMany({ where, include, orderBy: [...NEWEST_FIRST], take: limit });
      return rows.map((row) => ({ ...deliveryRow(row), kind: SentKind.parse(row.notice.kind) }));
    },
  };
}

export function prismaAddresses(prisma: PrismaClient): Addresses {
  return {
    of: async (people) => {
      const rows = await prisma.user.findMany({ where: { id: { in: [...people] } }, select: { id: true, email: true } });
      return new Map(rows.filter(({ email }) => !email.endsWith(NO_MAIL)).map(({ id, email }) => [id, email]));
    },
  };
}

function noticeRow({ id, key, kind, title, path, urgent, person, createdAt, readAt }: StoredNotice): NoticeRow {
  return { id, key, kind: SentKind.parse(kind), title, path, urgent, person, createdAt, readAt };
}

function channelRow({ kind, kinds, ...row }: StoredChannel): ChannelRow {
  return { ...row, kind: KindOfChannel.parse(kind), kinds: Kinds.parse(kinds === '' ? [] : kinds.split(',')) };
}

function storedChannel({ kinds, ...row }: ChannelRow): StoredChannel {
  return { ...row, kinds: kinds.join() };
}

function deliveryRow({ id, noticeId, channelId, state, attempts, createdAt, lastAt, lastError, nextAt }: StoredDelivery): DeliveryRow {
  const row = { id, notice: noticeId, channel: channelId, attempts, createdAt, lastAt, lastError, nextAt };
  return { ...row, state: DeliveryState.parse(state) };
}

function storedDelivery({ notice, channel, ...row }: DeliveryRow): StoredDelivery {
  return { ...row, noticeId: notice, channelId: channel };
}
