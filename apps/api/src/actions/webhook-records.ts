import { DeliveryState } from '@wheelhouse/protocol/notice';
import type { PrismaClient, WebhookDelivery as StoredDelivery } from '../generated/prisma/client.ts';
import type { Before, DeliveryOutcome, DeliveryRow } from '../notices/records.ts';

/** An address that its person has decisions sent to. */
export type WebhookRow = {
  readonly id: string;
  readonly person: string;
  readonly tenant: string;
  /** Sealed by `ChannelSecrets`; empty once removed. */
  readonly endpoint: string;
  /** Whether it may lie in the house's own network. */
  readonly inside: boolean;
  readonly description: string;
  readonly enabled: boolean;
  /** Which of its secrets is in use. */
  readonly secret: number;
  readonly createdAt: Date;
  readonly rotatedAt: Date | null;
  readonly removedAt: Date | null;
};

/** One event on its way; `body` is what is signed, the same at each try. */
export type WebhookDeliveryRow = Omit<DeliveryRow, 'notice' | 'channel'> & {
  readonly webhook: string;
  readonly action: string | null;
  readonly body: string;
};

/** Webhooks and what is sent to them. Every method rejects while the database is away, and then has changed nothing. */
export type WebhookRecords = {
  /** A person's own, without removed ones; oldest first. */
  readonly of: (person: string) => Promise<WebhookRow[]>;
  readonly get: (id: string) => Promise<WebhookRow | null>;
  /** Writes it over whatever has its id. */
  readonly put: (webhook: WebhookRow) => Promise<void>;
  /** False where a delivery with this id is there already. */
  readonly addDelivery: (delivery: WebhookDeliveryRow) => Promise<boolean>;
  readonly delivery: (id: string) => Promise<{ delivery: WebhookDeliveryRow; webhook: WebhookRow } | null>;
  readonly deliveries: (webhook: string, query: { before: Before | null; limit: number }) => Promise<WebhookDeliveryRow[]>;
  readonly due: () => Promise<{ id: string; nextAt: Date }[]>;
  readonly record: (id: string, outcome: DeliveryOutcome) => Promise<void>;
};

export function prismaWebhookRecords(prisma: PrismaClient): WebhookRecords {
  return {
    of: (person) => prisma.webhook.findMany({ where: { person, removedAt: null }, orderBy: [{ createdAt: 'asc' }, { id: 'asc' }] }),
    get: (id) => prisma.webhook.findUnique({ where: { id } }),
    put: async (webhook) => {
      await prisma.webhook.upsert({ where: { id: webhook.id }, create: webhook, update: webhook });
    },
    addDelivery: async ({ webhook, ...row }) => {
      const added = await prisma.webhookDelivery.createMany({ data: { ...row, webhookId: webhook }, skipDuplicates: true });
      return added.count === 1;
    },
    delivery: async (id) => {
      const found = await prisma.webhookDelivery.findUnique({ where: { id }, include: { webhook: true } });
      return found === null ? null : { delivery: deliveryRow(found), webhook: found.webhook };
    },
    deliveries: async (webhook, { before, limit }) => {
      const after = before === null ? {} : { OR: [{ createdAt: { lt: before.at } }, { createdAt: before.at, id: { lt: before.id } }] };
      const orderBy = [{ createdAt: 'desc' as const }, { id: 'desc' as const }];
      const rows = await prisma.webhookDelivery.findMany({ where: { webhookId: webhook, ...after }, orderBy, take: limit });
      return rows.map(deliveryRow);
    },
    due: async () => {
      const rows = await prisma.webhookDelivery.findMany({ where: { nextAt: { not: null } }, select: { id: true, nextAt: true } });
      return rows.flatMap(({ id, nextAt }) => (nextAt === null ? [] : [{ id, nextAt }]));
    },
    record: async (id, outcome) => {
      await prisma.webhookDelivery.update({ where: { id }, data: { ...outcome } });
    },
  };
}

function deliveryRow({
  webhookId,
  state,
  id,
  action,
  body,
  attempts,
  createdAt,
  lastAt,
  lastError,
  nextAt,
}: StoredDelivery): WebhookDeliveryRow {
  return { id, action, body, attempts, createdAt, lastAt, lastError, nextAt, webhook: webhookId, state: DeliveryState.parse(state) };
}
