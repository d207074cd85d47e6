import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { freePort } from '@wheelhouse/installation/free-port';
import { until } from './until.ts';

/** Whether this machine has a Redis to test with: it is no part of what Wheelhouse needs. */
export const HAS_REDIS = spawnSync('redis-server', ['--version']).status === 0;

/** A Redis of a test's own, in memory. */
export class TestRedis {
  readonly url: string;
  readonly #port: number;
  readonly #folder: string;
  #process: ChildProcess;

  private constructor(port: number) {
    this.#port = port;
    this.url = `redis://127.0.0.1:${port}`;
    this.#folder = mkdtempSync(path.join(os.tmpdir(), 'wheelhouse-redis-'));
    this.#process = this.#spawn();
  }

  static async start(): Promise<TestRedis> {
    const redis = new TestRedis(await freePort());
    await redis.#answering();
    return redis;
  }

  /** Ends it as a power cut does; what it held is gone. */
  async kill(): Promise<void> {
    const ended = new Promise((resolve) => this.#process.once('exit', resolve));
    this.#process.kill('SIGKILL');
    await ended;
  }

  async startAgain(): Promise<void> {
    this.#process = this.#spawn();
    await this.#answering();
  }

  async dispose(): Promise<void> {
    await this.kill();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #spawn(): ChildProcess {
    const settings = ['--port', String(this.#port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no', '--dir', this.#folder];
    return spawn('redis-server', settings, { stdio: 'ignore' });
  }

  #answering(): Promise<true> {
    return until('redis to answer', () => {
      const { promise, resolve } = Promise.withResolvers<boolean>();
      const socket = connect(this.#port, '127.0.0.1', () => {
        socket.destroy();
        resolve(true);
      }).on('error', () => {
        resolve(false);
      });
      return promise.then((answers) => (answers ? true : null));
    });
  }
}
