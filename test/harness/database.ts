import { readFileSync } from 'node:fs';
import path from 'node:path';
import { RunState } from '@wheelhouse/installation/data-folder';
import pg from 'pg';
import type { TestServer } from './server.ts';

/** The server's own PostgreSQL, for tests that kill it, freeze it, or write to it behind the server's back. */
export class TestDatabase {
  readonly #folder: string;

  constructor(server: TestServer) {
    this.#folder = server.dataFolder;
  }

  /** Process id of the postmaster. */
  get pid(): number {
    return Number(readFileSync(path.join(this.#folder, 'postgres', 'postmaster.pid'), 'utf8').split('\n')[0]);
  }

  /** Freezes the postmaster and every process of it, as a machine without disk does: connections stand, and nothing answers. */
  freeze(): void {
    for (const pid of this.#family()) process.kill(pid, 'SIGSTOP');
  }

  thaw(): void {
    for (const pid of this.#family()) process.kill(pid, 'SIGCONT');
  }

  /** Kills the postmaster; its children notice and follow. */
  kill(): void {
    process.kill(this.pid, 'SIGKILL');
  }

  /** Runs `work` on a connection as the owner of everything. */
  async query(sql: string, values: readonly unknown[] = []): Promise<Record<string, unknown>[]> {
    const { databaseUrl } = RunState.parse(JSON.parse(readFileSync(path.join(this.#folder, 'run.json'), 'utf8')));
    const client = new pg.Client({ connectionString: databaseUrl });
    await client.connect();
    try {
      return (await client.query<Record<string, unknown>>(sql, [...values])).rows;
    } finally {
      await client.end();
    }
  }

  #family(): number[] {
    const { pid } = this;
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').filter(Boolean).map(Number);
    return [...children, pid];
  }
}
