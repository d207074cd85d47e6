import { ActionKind, ActionState } from '@wheelhouse/protocol/action';
import { Actor } from '@wheelhouse/protocol/identity';
import { Decision } from '@wheelhouse/protocol/policy';
import type { Action as StoredAction, PrismaClient } from '../generated/prisma/client.ts';
import type { ActionRecords, ActionsShown } from './action-records.ts';
import type { ActionRow, Settled } from './action-row.ts';

export function prismaActionRecords(prisma: PrismaClient): ActionRecords {
  return {
    insert: async (row) => {
      await prisma.action.create({ data: storedAction(row) });
    },
    get: async (id) => {
      const stored = await prisma.action.findUnique({ where: { id } });
      return stored === null ? null : actionRow(stored);
    },
    remove: async (id) => {
      await prisma.action.deleteMany({ where: { id } });
    },
    recorded: async (ids) => {
      await prisma.action.updateMany({ where: { id: { in: [...ids] } }, data: { recorded: true } });
    },
    stage: async (id, settled) => {
      await prisma.action.update({ where: { id }, data: storedSettled(settled) });
    },
    settle: async (id, state) => {
      await prisma.action.update({ where: { id }, data: { state } });
    },
    use: async (id, at) => (await prisma.action.updateMany({ where: { id, usedAt: null }, data: { usedAt: at } })).count === 1,
    unuse: async (id) => {
      await prisma.action.update({ where: { id }, data: { usedAt: null } });
    },
    page: async (shown) => {
      const orderBy = [{ askedAt: 'desc' as const }, { id: 'desc' as const }];
      return (await prisma.action.findMany({ where: whereOf(shown), orderBy, take: shown.limit })).map(actionRow);
    },
    unfinished: async () => {
      const where = { OR: [{ state: 'pending' }, { recorded: false }] };
      return (await prisma.action.findMany({ where, orderBy: { askedAt: 'asc' } })).map(actionRow);
    },
    latest: async () => {
      const last = await prisma.ledgerEntry.findFirst({ orderBy: { index: 'desc' }, select: { at: true } });
      return last?.at.getTime() ?? 0;
    },
  };
}

function whereOf({ tenant, person, state, session, before }: ActionsShown) {
  return {
    ...(tenant === null ? {} : { tenant }),
    ...(person === null ? {} : { person }),
    ...(state === null ? {} : { state }),
    ...(session === null ? {} : { session }),
    ...(before === null ? {} : { OR: [{ askedAt: { lt: before.at } }, { askedAt: before.at, id: { lt: before.id } }] }),
  };
}

function actionRow(stored: StoredAction): ActionRow {
  const { id, tenant, tool, digest, session, person, subject, content, askedAt, expiresAt, webhook, entry, recorded, usedAt } = stored;
  return {
    ...{ id, tenant, tool, digest, session, person, subject, content, askedAt, expiresAt, webhook, entry, recorded, usedAt },
    state: ActionState.parse(stored.state),
    kind: ActionKind.parse(stored.kind),
    asker: Actor.parse(JSON.parse(stored.asker)),
    decision: Decision.parse(JSON.parse(stored.decision)),
    settled: settledOf(stored),
  };
}

function settledOf({ verdict, decider, decidedAt, editedDigest, outcome, deciderWords }: StoredAction): Settled | null {
  if (verdict === null || decider === null || decidedAt === null) return null;
  const by = Actor.parse(JSON.parse(decider));
  return { state: ActionState.parse(verdict), by, at: decidedAt, editedDigest, outcome, words: deciderWords };
}

function storedAction({ asker, decision, settled, ...row }: ActionRow): StoredAction {
  return { ...row, asker: JSON.stringify(asker), decision: JSON.stringify(decision), ...storedSettled(settled) };
}

function storedSettled(settled: Settled | null) {
  return {
    verdict: settled?.state ?? null,
    decider: settled === null ? null : JSON.stringify(settled.by),
    decidedAt: settled?.at ?? null,
    editedDigest: settled?.editedDigest ?? null,
    outcome: settled?.outcome ?? null,
    deciderWords: settled?.words ?? null,
  };
}
