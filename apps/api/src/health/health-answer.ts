import { z } from 'zod';

const count = z.number().int().min(0);

/** `GET /health/ready` */
export const Readiness = z.object({
  ready: z.boolean(),
  checks: z.object({ database: z.boolean(), ledger: z.boolean(), engine: z.boolean(), accepting: z.boolean() }),
});
export type Readiness = z.infer<typeof Readiness>;

/** `GET /health/live` */
export const Liveness = z.object({ status: z.literal('live') });

/** `GET /v1/status`. `latenessMs`: of tick deadlines, since it was last asked. */
export const Status = z.object({
  sessions: z.object({ open: count, capacity: count }),
  threads: z.array(
    z.object({
      thread: count,
      sessions: count,
      ticks: count,
      latenessMs: z.object({ p50: z.number(), p99: z.number(), max: z.number() }),
      lateAnswers: count,
      engineUp: z.boolean(),
    }),
  ),
  ledger: z.object({ size: count, backlog: count, oldestMs: z.number() }),
  engine: z.object({ up: z.boolean(), pid: z.number().int().nullable() }),
  leaseHeld: z.boolean(),
  memory: z.object({ rssBytes: count, heapBytes: count }),
});
export type Status = z.infer<typeof Status>;
