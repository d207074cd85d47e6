import { pathToFileURL } from 'node:url';
import path from 'node:path';
import { z } from 'zod';
import { TestServer } from '../../harness/server.ts';
import { until } from '../../harness/until.ts';
import { Crowd } from './crowd.ts';
import { OperatorLine } from './operator-line.ts';
import { RestLine } from './rest-line.ts';

const Figures = z.object({
  thread: z.number(),
  sessions: z.number(),
  ticks: z.number(),
  latenessMs: z.object({ p50: z.number(), p99: z.number(), max: z.number() }),
  lateAnswers: z.number(),
});
const Status = z.object({
  sessions: z.object({ open: z.number() }),
  threads: z.array(Figures),
  ledger: z.object({ backlog: z.number(), oldestMs: z.number() }),
  engine: z.object({ pid: z.number().nullable() }),
  leaseHeld: z.boolean(),
  memory: z.object({ rssBytes: z.number(), heapBytes: z.number() }),
});
export type Status = z.infer<typeof Status>;

const Retained = z.object({ retained: z.number() });
const HOOK = pathToFileURL(path.resolve(import.meta.dirname, '../server-hook.ts')).href;

/** A real server of its own for one part of the bench: two operators, a key for the crowd, the operator channel and REST kept open. */
export class HouseUnderLoad {
  readonly server: TestServer;
  readonly crowd: Crowd;
  readonly operator: OperatorLine;
  readonly first: RestLine;
  readonly second: RestLine;
  readonly cookie: string;
  readonly key: string;

  private constructor(parts: {
    server: TestServer;
    crowd: Crowd;
    operator: OperatorLine;
    first: RestLine;
    second: RestLine;
    cookie: string;
    key: string;
  }) {
    this.server = parts.server;
    this.crowd = parts.crowd;
    this.operator = parts.operator;
    this.first = parts.first;
    this.second = parts.second;
    this.cookie = parts.cookie;
    this.key = parts.key;
  }

  static async open(room: number, nodeFlags: readonly string[] = []): Promise<HouseUnderLoad> {
    const server = await TestServer.start({
      WHEELHOUSE_LOG: 'warn',
      WHEELHOUSE_MAX_SESSIONS: String(room + 8),
      WHEELHOUSE_SESSION_WAIT_S: '3600',
    });
    try {
      // The harness starts a server without flags; the second start has them, and threads that can be kept busy.
      await server.stop();
      await server.run(['--expose-gc', '--import', HOOK, ...nodeFlags]);
      const one = await server.firstOperator();
      const other = await server.person(one, 'operator');
      const { key } = await server.key(one, ['sessions:open', 'sessions:read']);
      const operator = await OperatorLine.connect(server.url, one.cookie);
      const first = new RestLine(server.url, { cookie: one.cookie }, 8);
      const second = new RestLine(server.url, { cookie: other.cookie }, 8);
      return new HouseUnderLoad({ server, crowd: new Crowd({ url: server.url, key }), operator, first, second, cookie: one.cookie, key });
    } catch (error) {
      await server.dispose();
      throw error;
    }
  }

  async status(): Promise<Status> {
    return Status.parse(await this.first.get('/v1/status'));
  }

  /** Waits until frames flow to every session of the crowd, so that nothing is measured on sessions that are still starting. */
  async flowing(): Promise<void> {
    const wait = async () => {
      const { lastAt } = await this.crowd.tell();
      const newest = Math.max(...lastAt);
      return lastAt.every((at) => newest - at < 1000);
    };
    await until('frames to every session', wait, 60_000);
  }

  /** Bytes that the server's threads hold after collecting their garbage: heaps and buffers. */
  async retained(): Promise<number> {
    const before = this.server.output.length;
    const { threads } = await this.status();
    process.kill(this.server.pid, 'SIGWINCH');
    const lines = () =>
      this.server.output
        .slice(before)
        .split('\n')
        .filter((line) => line.startsWith('{"retained"') && line.endsWith('}'));
    const said = await until('what each thread holds', () => (lines().length > threads.length ? lines() : null), 10_000);
    return said.reduce((sum, line) => sum + Retained.parse(JSON.parse(line)).retained, 0);
  }

  async close(): Promise<void> {
    this.operator.close();
    this.first.close();
    this.second.close();
    await this.crowd.end().catch(() => undefined);
    await this.server.dispose();
  }
}
