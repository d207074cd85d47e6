import { createHmac } from 'node:crypto';
import { runMigrations } from 'bullmq';
import pg from 'pg';

/** The ledger's tables: the application's role may read and add, and nothing else (law 6). */
const LEDGER_TABLES = ['ledger_entry', 'ledger_tile', 'ledger_head', 'ledger_cosigned_head'] as const;
/** Where BullMQ keeps its queues. */
export const JOBS_SCHEMA = 'jobs';
/** PostgreSQL's code for an act that a role has no right to. */
const NO_RIGHT = '42501';

/** The role that the server works as. It owns nothing, so that it can lift no guard. */
export type AppRole = { readonly name: string; readonly password: string };

/** The role of a database. Roles belong to a whole PostgreSQL, which may hold the databases of several installations. */
export function appRoleOf(ownerUrl: string, secret: string): AppRole {
  const database = decodeURIComponent(new URL(ownerUrl).pathname.slice(1));
  const name = database === 'postgres' || database === '' ? 'wheelhouse_app' : `wheelhouse_app_${database}`.slice(0, 63);
  // Derived one way from the installation's secret: who knows the role's password does not know the owner's.
  return { name, password: createHmac('sha256', secret).update(`role ${name}`).digest('base64url') };
}

/** The same database, as that role. */
export function urlAs(ownerUrl: string, role: AppRole): string {
  const url = new URL(ownerUrl);
  url.username = encodeURIComponent(role.name);
  url.password = encodeURIComponent(role.password);
  return url.href;
}

/**
 * Makes the role if it is not there, and gives it what it needs and no more. Run by the owner, after the migrations, at each start: a right that
 * somebody has granted in between is taken back.
 * @returns false where the owner may not make roles
 */
export async function prepareAppRole(owner: pg.Client, role: AppRole): Promise<boolean> {
  if (!(await makeRole(owner, role))) return false;
  await grantRights(owner, role.name);
  return true;
}

async function makeRole(owner: pg.Client, { name, password }: AppRole): Promise<boolean> {
  const known = await owner.query('SELECT 1 FROM pg_roles WHERE rolname = $1', [name]);
  const verb = known.rowCount === 0 ? 'CREATE' : 'ALTER';
  const traits = 'LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOINHERIT NOREPLICATION';
  try {
    await owner.query(`${verb} ROLE ${owner.escapeIdentifier(name)} ${traits} PASSWORD ${owner.escapeLiteral(password)}`);
    return true;
  } catch (error) {
    if (error instanceof pg.DatabaseError && error.code === NO_RIGHT) return false;
    throw error;
  }
}

/** What the server's role may do. Also for a role that was made by hand. */
export async function grantRights(owner: pg.Client, name: string): Promise<void> {
  const role = owner.escapeIdentifier(name);
  const ledger = LEDGER_TABLES.join(', ');
  await runMigrations(owner, JOBS_SCHEMA);
  await owner.query(`
    BEGIN;
    REVOKE CREATE ON SCHEMA public FROM PUBLIC;
    REVOKE ALL ON SCHEMA public, ${JOBS_SCHEMA} FROM ${role};
    REVOKE ALL ON ALL TABLES IN SCHEMA public, ${JOBS_SCHEMA} FROM ${role};
    GRANT USAGE ON SCHEMA public, ${JOBS_SCHEMA} TO ${role};
    GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public, ${JOBS_SCHEMA} TO ${role};
    GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA ${JOBS_SCHEMA} TO ${role};
    GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA ${JOBS_SCHEMA} TO ${role};
    REVOKE UPDATE, DELETE ON ${ledger}, "_prisma_migrations" FROM ${role};
    REVOKE INSERT ON "_prisma_migrations" FROM ${role};
    COMMIT;`);
}

/**
 * What the role of this connection could do to the ledger besides reading and adding, in words; null when nothing. Asked of the database itself,
 * whoever made the role.
 */
export async function weaknessOf(connection: pg.Pool | pg.Client): Promise<string | null> {
  const { rows } = await connection.query<{ weakness: string | null }>(
    `SELECT CASE
        WHEN r.rolsuper THEN 'is a superuser'
        WHEN pg_has_role(current_user, c.relowner, 'MEMBER') THEN 'owns ' || c.relname
        WHEN has_table_privilege(c.oid, 'UPDATE') THEN 'may update ' || c.relname
        WHEN has_table_privilege(c.oid, 'DELETE') THEN 'may delete from ' || c.relname
        WHEN has_table_privilege(c.oid, 'TRUNCATE') THEN 'may empty ' || c.relname
        WHEN has_table_privilege(c.oid, 'TRIGGER') THEN 'may put triggers on ' || c.relname
      END AS weakness
    FROM pg_class c, pg_roles r
    WHERE r.rolname = current_user AND c.relnamespace = 'public'::regnamespace AND c.relname = ANY($1::text[])`,
    [[...LEDGER_TABLES]],
  );
  return rows.find(({ weakness }) => weakness !== null)?.weakness ?? null;
}
