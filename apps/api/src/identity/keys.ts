import { subject } from '@casl/ability';
import { abilitiesOf } from '@wheelhouse/access/abilities';
import { ApiKey, type IssuedKey, type KeyRequest, KeyScope, type Principal } from '@wheelhouse/protocol/identity';
import { z } from 'zod';
import type { PrismaClient } from '../generated/prisma/client.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { Refusal } from '../problem/refusal.ts';
import type { Auth } from './auth.ts';
import { actorOf, type Principals } from './principals.ts';

const StoredScopes = z.object({ wheelhouse: z.array(KeyScope) });

/** API keys: stored hashed, shown once, scoped, and bound to the person who holds them. */
export class Keys {
  readonly #auth: Auth;
  readonly #prisma: PrismaClient;
  readonly #ledger: Ledger;
  readonly #principals: Principals;

  constructor(parts: { auth: Auth; prisma: PrismaClient; ledger: Ledger; principals: Principals }) {
    this.#auth = parts.auth;
    this.#prisma = parts.prisma;
    this.#ledger = parts.ledger;
    this.#principals = parts.principals;
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
    return { ...shown({ ...made, permissions: JSON.stringify(made.permissions) }), key: made.key };
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
}): ApiKey {
  const scopes = StoredScopes.safeParse(JSON.parse(row.permissions ?? '{}'));
  return {
    id: row.id,
    name: row.name ?? 'API key',
    start: row.start,
    scopes: scopes.success ? scopes.data.wheelhouse : [],
    expiresAt: row.expiresAt?.toISOString() ?? null,
    createdAt: row.createdAt.toISOString(),
  };
}
