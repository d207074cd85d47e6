import { z } from 'zod';

/** What the load generator's process is told. Sessions are numbered in the order in which they were opened. */
export const ToGenerator = z.discriminatedUnion('type', [
  /** Open so many more sessions over REST, attach to each, and stream audio to it from then on. */
  z.object({
    type: z.literal('open'),
    url: z.string(),
    key: z.string(),
    count: z.number(),
    concurrency: z.number(),
    deployment: z.string(),
  }),
  /** What has reached the clients so far; the counts of frames and the latenesses begin anew. */
  z.object({ type: z.literal('tell') }),
  /** When each client heard of an order: the time of its `flush`. */
  z.object({ type: z.literal('flushes'), order: z.string() }),
  z.object({ type: z.literal('end') }),
]);
export type ToGenerator = z.infer<typeof ToGenerator>;

/** Times are milliseconds of the machine's monotonic clock, which all its processes share. */
export const FromGenerator = z.discriminatedUnion('type', [
  z.object({ type: z.literal('opened'), sessions: z.array(z.string()), tookMs: z.number() }),
  z.object({
    type: z.literal('told'),
    /** Number of the last engine frame that reached each session's client, and when. */
    lasts: z.array(z.number()),
    lastAt: z.array(z.number()),
    sent: z.number(),
    received: z.number(),
    /** Since the start: frames that came twice, out of order, or with a gap before them. */
    disordered: z.number(),
    cuts: z.number(),
    refusals: z.array(z.string()),
    lateMs: z.object({ p50: z.number(), p99: z.number(), max: z.number() }),
    cpuMs: z.number(),
  }),
  z.object({ type: z.literal('flushes'), at: z.array(z.number()) }),
  z.object({ type: z.literal('ended') }),
  z.object({ type: z.literal('failed'), message: z.string() }),
]);
export type FromGenerator = z.infer<typeof FromGenerator>;
export type Told = Extract<FromGenerator, { type: 'told' }>;
