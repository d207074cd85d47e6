import { randomUUID } from 'node:crypto';
import { createRequire } from 'node:module';
import { type ConnectionOptions, createPostgresBackend, Queue, Worker } from 'bullmq';
import type { Logger } from 'pino';
import { z } from 'zod';
import { JOBS_SCHEMA } from '../database/app-role.ts';

/** Work that is done one job after the other (or some at once), each known by an id: what is to be done stands elsewhere, such as in the ledger. */
export type JobLine = {
  /** Puts a job into the line, now or as soon as the queue can take it. It is begun after `delayMs` at the earliest. */
  readonly add: (id: string, delayMs?: number) => void;
  /** Ends the jobs in hand by their signal, and waits for them. They are due again at the next start. */
  readonly close: () => Promise<void>;
};

export type JobLineParts = {
  readonly name: string;
  /** What is due at start. Whatever the queue still holds from a server that died is dropped: this is the truth. */
  readonly due: readonly string[];
  /** How many jobs may be in hand at once; 1 unless said. */
  readonly atOnce?: number;
  /** Does one job. A rejection is logged, and the job is not tried again before the next start. */
  readonly work: (id: string, signal: AbortSignal) => Promise<void>;
};

type Room = { readonly databaseUrl: string; readonly redisUrl: string | null; readonly log: Logger };

type AddOptions = { jobId: string; delay: number; removeOnComplete: boolean; removeOnFail: boolean };
type WorkerParts = { readonly name: string; readonly atOnce: number; readonly work: (id: string) => Promise<void> };

/** The part of BullMQ's queues and workers that is used here, on either backend. */
type QueueLike = {
  add(name: string, data: object, options: AddOptions): Promise<unknown>;
  obliterate(options: { force: boolean }): Promise<void>;
  close(): Promise<void>;
  on(event: 'error', listener: (error: Error) => void): unknown;
};
type WorkerLike = { close(): Promise<void>; on(event: 'error', listener: (error: Error) => void): unknown };

const JobData = z.object({ id: z.string() });

const AGAIN_MS = 2000;
/** A job whose lock has ended (the database was away) is begun anew by the same server; the work itself notices what is done already. */
const LOCKS = { lockDuration: 30_000, stalledInterval: 15_000, maxStalledCount: 1000 } as const;

/** BullMQ's queues: in the server's own PostgreSQL, in the schema that its owner prepared, or on Redis where there is one. */
export class JobRoom {
  readonly #room: Room;

  constructor(room: Room) {
    this.#room = room;
  }

  async open({ name, due, work, atOnce = 1 }: JobLineParts): Promise<JobLine> {
    const { log } = this.#room;
    const stop = new AbortController();
    const queue = this.#queue(name);
    queue.on('error', (error) => {
      log.warn({ code: error.name, queue: name }, 'a queue lost its connection');
    });
    await queue.obliterate({ force: true });
    const line = lineInto(queue, { name, log, stopping: stop.signal });
    const logged = async (id: string): Promise<void> => {
      try {
        await work(id, stop.signal);
      } catch (error) {
        if (!stop.signal.aborted) log.error({ err: error, job: id }, `a job of ${name} failed`);
        throw error;
      }
    };
    const worker = this.#worker({ name, atOnce, work: logged });
    worker.on('error', (error) => {
      log.warn({ code: error.name, queue: name }, 'a worker lost its connection');
    });
    for (const id of due) line.add(id);
    return {
      add: line.add,
      close: async () => {
        stop.abort(new Error('the server is stopping'));
        await Promise.allSettled([line.end(), worker.close()]);
        await queue.close().catch(() => undefined);
      },
    };
  }

  #queue(name: string): QueueLike {
    const { databaseUrl, redisUrl } = this.#room;
    if (redisUrl !== null) return new Queue(name, { connection: redisConnection(redisUrl) });
    return new Queue(name, { connection: { connectionString: databaseUrl, schema: JOBS_SCHEMA, max: 2 } }, createPostgresBackend);
  }

  #worker({ name, atOnce, work }: WorkerParts): WorkerLike {
    const { databaseUrl, redisUrl } = this.#room;
    const run = async ({ data }: { data: unknown }) => {
      const job = JobData.safeParse(data);
      if (job.success) await work(job.data.id);
    };
    if (redisUrl !== null) return new Worker(name, run, { connection: redisConnection(redisUrl), concurrency: atOnce, ...LOCKS });
    const connection = { connectionString: databaseUrl, schema: JOBS_SCHEMA, max: 2 };
    return new Worker(name, run, { connection, concurrency: atOnce, ...LOCKS }, createPostgresBackend);
  }
}

/** Adds jobs to a queue, again and again while its database is away. */
function lineInto(queue: QueueLike, { name, log, stopping }: { name: string; log: Logger; stopping: AbortSignal }) {
  const adding = new Set<Promise<void>>();
  const tryAdd = async (id: string, dueAt: number): Promise<void> => {
    while (!stopping.aborted) {
      try {
        // Under an id of its own: a job of the same id, whoever put it there, would make the queue pass over this one. One that the queue makes
        // would take the right to create a sequence, which the server's role does not have.
        const delay = Math.max(0, Math.ceil(dueAt - performance.now()));
        await queue.add(name, { id }, { jobId: randomUUID(), delay, removeOnComplete: true, removeOnFail: true });
        return;
      } catch (error) {
        log.warn({ err: error, queue: name }, 'a job could not be put into its queue; trying again');
        await pause(AGAIN_MS, stopping);
      }
    }
  };
  return {
    add: (id: string, delayMs = 0) => {
      const added = tryAdd(id, performance.now() + delayMs).finally(() => adding.delete(added));
      adding.add(added);
    },
    end: () => Promise.all(adding),
  };
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    signal.addEventListener('abort', end);
  });
}

type RedisClient = new (url: string, options: { maxRetriesPerRequest: null }) => Extract<ConnectionOptions, { connect: unknown }>;
const RedisModule = z.custom<RedisClient>((value) => typeof value === 'function');

/** A connection of the Redis driver, which is loaded only where it is used. */
function redisConnection(url: string): ConnectionOptions {
  const load = createRequire(import.meta.url);
  const module: unknown = load('ioredis');
  const Client = RedisModule.parse(module);
  return new Client(url, { maxRetriesPerRequest: null });
}
