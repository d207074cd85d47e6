import { readFileSync } from 'node:fs';
import path from 'node:path';
import { RunState } from '@wheelhouse/installation/data-folder';
import { EmbeddedPostgres } from '@wheelhouse/installation/embedded-postgres';
import pg from 'pg';
import { z } from 'zod';
import type { TestServer } from './server.ts';

const Secrets = z.object({ database: z.string() });

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
    for (const pid of this.#family()) signal(pid, 'SIGSTOP');
  }

  thaw(): void {
    for (const pid of this.#family()) signal(pid, 'SIGCONT');
  }

  /** Kills the postmaster; its children notice and follow. */
  kill(): void {
    process.kill(this.pid, 'SIGKILL');
  }

  /** Where the running server reaches it, as its own role. */
  url(): string {
    return RunState.parse(JSON.parse(readFileSync(path.join(this.#folder, 'run.json'), 'utf8'))).databaseUrl;
  }

  /** The same database as its owner, who has every right. */
  ownerUrl(): string {
    const url = new URL(this.url());
    url.username = 'wheelhouse';
    url.password = this.#password();
    return url.href;
  }

  #password(): string {
    return Secrets.parse(JSON.parse(readFileSync(path.join(this.#folder, 'secrets.json'), 'utf8'))).database;
  }

  /** Runs a statement as the owner of everything, or as the server's role. */
  async query(sql: string, values: readonly unknown[] = [], as: 'owner' | 'server' = 'owner'): Promise<Record<string, unknown>[]> {
    const client = new pg.Client({ connectionString: as === 'owner' ? this.ownerUrl() : this.url() });
    await client.connect();
    try {
      return (await client.query<Record<string, unknown>>(sql, [...values])).rows;
    } finally {
      await client.end();
    }
  }

  /** Runs `work` on the database while no server does, in a PostgreSQL started for it alone, as the owner of everything. */
  async alone(work: (sql: (text: string) => Promise<void>, url: string) => Promise<void>): Promise<void> {
    const password = this.#password();
    const postgres = new EmbeddedPostgres({ folder: path.join(this.#folder, 'postgres'), port: 0, password, onLog: () => undefined });
    await postgres.start();
    const client = new pg.Client({ connectionString: postgres.url });
    try {
      await client.connect();
      await work(async (text) => {
        await client.query(text);
      }, postgres.url);
    } finally {
      await client.end();
      await postgres.stop();
    }
  }

  #family(): number[] {
    const { pid } = this;
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').filter(Boolean).map(Number);
    return [...children, pid];
  }
}

/** A connection that has just been closed takes its process along between the listing and the signal. */
function signal(pid: number, which: NodeJS.Signals): void {
  try {
    process.kill(pid, which);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}
