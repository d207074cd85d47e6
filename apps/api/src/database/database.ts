import path from 'node:path';
import { PrismaPg } from '@prisma/adapter-pg';
import pg from 'pg';
import type { Logger } from 'pino';
import type { Env } from '../env.ts';
import { PrismaClient } from '../generated/prisma/client.ts';
import type { DataFolder } from '@wheelhouse/installation/data-folder';
import { DatabaseError } from '@wheelhouse/installation/database-error';
import { EmbeddedPostgres } from '@wheelhouse/installation/embedded-postgres';
import { migrate } from './migrations.ts';

const ANSWERS_WITHIN_MS = 1000;

/** The open database: Prisma for plain records, a pool of its own for the ledger's writer, whose batches Prisma would slow down. */
export class Database {
  readonly prisma: PrismaClient;
  readonly ledgerPool: pg.Pool;
  readonly url: string;
  readonly embedded: EmbeddedPostgres | null;

  private constructor(url: string, embedded: EmbeddedPostgres | null, log: Logger) {
    this.url = url;
    this.embedded = embedded;
    this.prisma = new PrismaClient({ adapter: new PrismaPg({ connectionString: url, max: 10, connectionTimeoutMillis: 5_000 }) });
    this.ledgerPool = new pg.Pool({ connectionString: url, max: 4, connectionTimeoutMillis: 5_000, query_timeout: 20_000 });
    this.ledgerPool.on('error', (error) => {
      log.warn({ code: error.name }, 'a database connection was lost');
    });
  }

  /** Starts PostgreSQL where no DATABASE_URL is set, applies migrations, and connects. */
  static async open(env: Env, folder: DataFolder, log: Logger): Promise<Database> {
    const embedded =
      env.databaseUrl === null
        ? new EmbeddedPostgres({
            folder: path.join(folder.path, 'postgres'),
            port: env.databasePort,
            password: folder.secrets().database,
            onLog: (line) => {
              log.debug({ postgres: line }, 'postgres');
            },
          })
        : null;
    await embedded?.start();
    const url = env.databaseUrl ?? embedded?.url;
    if (url === undefined) throw new DatabaseError('No database.');
    try {
      await applyMigrations(url, path.join(env.root, 'prisma', 'migrations'), log);
    } catch (error) {
      await embedded?.stop();
      throw error;
    }
    return new Database(url, embedded, log);
  }

  async answers(): Promise<boolean> {
    const answer = this.ledgerPool.query('SELECT 1').then(
      () => true,
      () => false,
    );
    // Whoever asks about health wants to hear of a database that hangs, not to hang with it.
    return Promise.race([answer, new Promise<false>((resolve) => setTimeout(resolve, ANSWERS_WITHIN_MS, false))]);
  }

  async close(): Promise<void> {
    await this.prisma.$disconnect();
    await this.ledgerPool.end();
    await this.embedded?.stop();
  }
}

async function applyMigrations(url: string, folder: string, log: Logger): Promise<void> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 10_000 });
  try {
    await client.connect();
  } catch (error) {
    throw new DatabaseError(
      `The database does not answer: ${error instanceof Error ? error.message : String(error)}. Check DATABASE_URL.`,
      { cause: error },
    );
  }
  try {
    const applied = await migrate(client, folder);
    if (applied.length > 0) log.info({ migrations: applied }, 'database prepared');
  } finally {
    await client.end();
  }
}
