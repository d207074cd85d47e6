import type { EngineSession } from '../generated/prisma/client.ts';

type Opened = Pick<EngineSession, 'id' | 'tenant' | 'deployment' | 'model' | 'level' | 'engine' | 'openedById'>;

/** The row of a session that is opened now. Its ticket leaves with the answer: from then on a client may be attached. */
export function newSessionRow(opened: Opened): EngineSession {
  return { ...opened, openedAt: new Date(), endedAt: null, endReason: null, restTick: null, restSequence: null, restHead: null };
}
