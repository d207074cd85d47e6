import { subject } from '@casl/ability';
import { abilitiesOf } from '@wheelhouse/access/abilities';
import {
  type ApiKey,
  type IssuedKey,
  type KeyRequest,
  type KeyRotation,
  KeyScope,
  type Principal,
  type RotatedKey,
} from '@wheelhouse/protocol/identity';
import type { Logger } from 'pino';
import { z } from 'zod';
import type { PrismaClient } from '../generated/prisma/client.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { Refusal } from '../problem/refusal.ts';
import type { Auth } from './auth.ts';
import { endingOf, endOf, type KeyEnding } from './key-ending.ts';
import { actorOf, type Principals } from './principals.ts';

const DAY_MS = 86_400_000;
/** Of the place of a key that has no end: the longest that a key can be asked for. */
const KEPT_DAYS = 365;
/** How long after its end a key's entry is written, at most. It lets nobody in from its end on. */
const SWEEP_MS = 5000;
const StoredScopes = z.object({ wheelhouse: z.array(KeyScope) });

/** API keys: stored hashed, shown once, scoped, and bound to the person who holds them. */
export class Keys {
  readonly #auth: Auth;
  readonly #prisma: PrismaClient;
  readonly #ledger: Ledger;
  readonly #principals: Principals;
  readonly #log: Logger;
  #sweep: NodeJS.Timeout | null = null;
  /** Endings that are being written. */
  #ending: Promise<void> = Promise.resolve();

  constructor(parts: { auth: Auth; prisma: PrismaClient; ledger: Ledger; principals: Principals; log: Logger }) {
    this.#auth = parts.auth;
    this.#prisma = parts.prisma;
    this.#ledger = parts.ledger;
    this.#principals = parts.principals;
    this.#log = parts.log;
  }

  /** Issues a key. It starts to work only when its entry in the ledger is durable. */
  async issue(by: Principal, request: KeyRequest): Promise<IssuedKey> {
    if (!abilitiesOf(by).can('issue', subject('Key', { tenant: by.tenant, owner: by.person })))
      throw new Refusal('forbidden', 'You may not issue API keys.');
    const made = await this.#auth.api.createApiKey({
      body: {
        userId: by.person,
        name: request.name,
        expiresIn: request.expiresInDays * 86_400,
        permissions: { wheelhouse: request.scopes },
      },
    });
    try {
      await this.#ledger.appendFirst('key.issued', { key: made.id, scopes: request.scopes, tenant: by.tenant }, actorOf(by));
    } catch (error) {
      await this.#prisma.apiKey.delete({ where: { id: made.id } });
      throw error;
    }
    this.#principals.setName(made.id, request.name);
    return { ...shown({ ...made, permissions: JSON.stringify(made.permissions), metadata: null }), key: made.key };
  }

  /**
   * Issues a key in the place of one of the caller's own, which ends after the overlap, or at once where there is none. Nobody rotates somebody
   * else's key: the answer would let them act as that person.
   */
  async rotate(by: Principal, id: string, { overlapSeconds, expiresInDays }: KeyRotation): Promise<RotatedKey> {
    const row = await this.#prisma.apiKey.findUnique({ where: { id } });
    const end = row === null ? null : endOf(row);
    if (row?.referenceId !== by.person || (end !== null && end.getTime() <= Date.now()))
      throw new Refusal('not_found', 'You hold no such key, or it has ended. GET /v1/keys lists yours.');
    if (endingOf(row) !== null) throw new Refusal('conflict', 'Another key has taken the place of this one already. Rotate that one.');
    const { name, scopes } = shown(row);
    if (scopes.length === 0)
      throw new Refusal('conflict', 'This key has no scopes that are known any more. Issue a new one, and revoke it.');
    const issued = await this.issue(by, { name, scopes, expiresInDays: expiresInDays ?? lifeOf(row) });
    const wanted = Date.now() + overlapSeconds * 1000;
    const endsAt = new Date(end === null ? wanted : Math.min(wanted, end.getTime())).toISOString();
    if (overlapSeconds === 0) {
      await this.revoke(by, id);
    } else {
      const ending: KeyEnding = { endsAt, by: actorOf(by) };
      await this.#prisma.apiKey.update({ where: { id }, data: { metadata: JSON.stringify(ending) } });
      // Whoever was let in by it is looked at again, and from then on until its end.
      this.#principals.forget();
    }
    return { ...issued, replaces: { id, endsAt } };
  }

  /** Looks for keys whose overlap is over, now and from now on: those that ended while the server was down too. */
  start(): void {
    this.#endKeys();
    this.#sweep = setInterval(() => {
      this.#endKeys();
    }, SWEEP_MS);
  }

  async stop(): Promise<void> {
    if (this.#sweep !== null) clearInterval(this.#sweep);
    await this.#ending;
  }

  #endKeys(): void {
    this.#ending = this.#ending
      .then(() => this.#endRotated(Date.now()))
      .catch((error: unknown) => {
        this.#log.error(
          { err: error },
          'keys whose overlap is over could not be recorded as ended; they let nobody in, and it is tried again',
        );
      });
  }

  /** The entry first: a key without its row would never be recorded as ended. It lets nobody in meanwhile. */
  async #endRotated(now: number): Promise<void> {
    for (const row of await this.#prisma.apiKey.findMany({ where: { metadata: { contains: 'endsAt' } } })) {
      const ending = endingOf(row);
      if (ending === null || Date.parse(ending.endsAt) > now) continue;
      await this.#ledger.appendFirst('key.revoked', { key: row.id }, ending.by);
      await this.#prisma.apiKey.deleteMany({ where: { id: row.id } });
    }
  }

  async list(by: Principal): Promise<ApiKey[]> {
    const rows = await this.#prisma.apiKey.findMany({ where: { referenceId: by.person }, orderBy: { createdAt: 'desc' } });
    return rows.map(shown);
  }

  /** Revokes a key: restrictive, so at once, and recorded after. */
  async revoke(by: Principal, id: string): Promise<void> {
    const row = await this.#prisma.apiKey.findUnique({ where: { id } });
    const holder = row === null ? null : await this.#prisma.user.findUnique({ where: { id: row.referenceId } });
    if (row === null || holder === null) throw new Refusal('not_found', 'There is no such key.');
    if (!abilitiesOf(by).can('revoke', subject('Key', { tenant: holder.tenant, owner: holder.id })))
      throw new Refusal('not_found', 'There is no such key.');
    await this.#prisma.apiKey.delete({ where: { id } });
    this.#principals.forget();
    await this.#ledger.append('key.revoked', { key: id }, actorOf(by));
  }
}

function shown(row: {
  id: string;
  name: string | null;
  start: string | null;
  permissions: string | null;
  expiresAt: Date | null;
  createdAt: Date;
  metadata: string | null;
}): ApiKey {
  const scopes = StoredScopes.safeParse(JSON.parse(row.permissions ?? '{}'));
  return {
    id: row.id,
    name: row.name ?? 'API key',
    start: row.start,
    scopes: scopes.success ? scopes.data.wheelhouse : [],
    expiresAt: endOf(row)?.toISOString() ?? null,
    createdAt: row.createdAt.toISOString(),
    replaced: endingOf(row) !== null,
  };
}

/** For how many days a key was made. */
function lifeOf({ expiresAt, createdAt }: { readonly expiresAt: Date | null; readonly createdAt: Date }): number {
  return expiresAt === null ? KEPT_DAYS : Math.max(1, Math.round((expiresAt.getTime() - createdAt.getTime()) / DAY_MS));
}
