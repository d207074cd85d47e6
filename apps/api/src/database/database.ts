import path from 'node:path';
import { PrismaPg } from '@prisma/adapter-pg';
import { runMigrations } from 'bullmq';
import pg from 'pg';
import type { Logger } from 'pino';
import type { Env } from '../env.ts';
import { PrismaClient } from '../generated/prisma/client.ts';
import type { DataFolder } from '@wheelhouse/installation/data-folder';
import { DatabaseError } from '@wheelhouse/installation/database-error';
import { EmbeddedPostgres } from '@wheelhouse/installation/embedded-postgres';
import { appRoleOf, grantRights, JOBS_SCHEMA, prepareAppRole, urlAs, weaknessOf } from './app-role.ts';
import { migrate } from './migrations.ts';

const ANSWERS_WITHIN_MS = 1000;

/**
 * The open database: Prisma for plain records, a pool of its own for the ledger's writer, whose batches Prisma would slow down. Both work as a role
 * that owns nothing; only migrations, at start, are made by the owner.
 */
export class Database {
  readonly prisma: PrismaClient;
  readonly ledgerPool: pg.Pool;
  /** Where the server's role reaches it. */
  readonly url: string;
  readonly embedded: EmbeddedPostgres | null;
  /** What this server's role could do to the ledger besides adding to it, in words; null when nothing. */
  readonly weakness: string | null;

  private constructor({ url, weakness }: Access, embedded: EmbeddedPostgres | null, log: Logger) {
    this.url = url;
    this.weakness = weakness;
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
    const ownerUrl = env.databaseUrl ?? embedded?.url;
    if (ownerUrl === undefined) throw new DatabaseError('No database.');
    try {
      const migrations = path.join(env.root, 'prisma', 'migrations');
      const access = await prepare({ ownerUrl, appUrl: env.databaseAppUrl, secret: folder.secrets().database, migrations, log });
      return new Database(access, embedded, log);
    } catch (error) {
      await embedded?.stop();
      throw error;
    }
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

type Access = { readonly url: string; readonly weakness: string | null };
type Preparation = {
  readonly ownerUrl: string;
  /** A role that somebody has made for the server; null where it makes its own. */
  readonly appUrl: string | null;
  readonly secret: string;
  readonly migrations: string;
  readonly log: Logger;
};

/** Applies migrations as the owner and sets up the role that the server works as. */
async function prepare({ ownerUrl, appUrl, secret, migrations, log }: Preparation): Promise<Access> {
  const owner = await connect(ownerUrl, 'DATABASE_URL');
  let url: string;
  try {
    const applied = await migrate(owner, migrations);
    if (applied.length > 0) log.info({ migrations: applied }, 'database prepared');
    url = appUrl ?? (await ownRole(owner, ownerUrl, secret));
    if (appUrl !== null) await grantRights(owner, decodeURIComponent(new URL(appUrl).username));
  } finally {
    await owner.end();
  }
  const app = await connect(url, 'WHEELHOUSE_DATABASE_APP_URL');
  try {
    const weakness = await weaknessOf(app);
    if (weakness !== null)
      log.warn({ weakness }, "the server's database role has more rights over the ledger than it should: see docs/ledger.md");
    return { url, weakness };
  } finally {
    await app.end();
  }
}

/** The address of the role that the server makes for itself; the owner's own where the owner may make none. */
async function ownRole(owner: pg.Client, ownerUrl: string, secret: string): Promise<string> {
  const role = appRoleOf(ownerUrl, secret);
  if (await prepareAppRole(owner, role)) return urlAs(ownerUrl, role);
  await runMigrations(owner, JOBS_SCHEMA);
  return ownerUrl;
}

async function connect(url: string, setting: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 10_000 });
  try {
    await client.connect();
    return client;
  } catch (error) {
    throw new DatabaseError(`The database does not answer: ${error instanceof Error ? error.message : String(error)}. Check ${setting}.`, {
      cause: error,
    });
  }
}
