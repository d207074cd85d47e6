import { createHash } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { type Actor, HOUSE_TENANT, KeyScope, Principal, Role } from '@wheelhouse/protocol/identity';
import type { Logger } from 'pino';
import { z } from 'zod';
import type { PrismaClient } from '../generated/prisma/client.ts';
import { type Auth, KEY_PREFIX } from './auth.ts';

const FRESH_MS = 10_000;
/** While the database is away, whoever was known this recently may still stop things (law 2). */
const LAST_KNOWN_MS = 30 * 60_000;
const MAX_KNOWN = 10_000;

type Known = { readonly principal: Principal; readonly at: number };
type Credential = { readonly digest: string; readonly key: string | null };

const KeyPermissions = z.object({ wheelhouse: z.array(KeyScope) });
const PersonRow = z.object({ id: z.string(), name: z.string(), role: Role, tenant: z.string() });

/**
 * Who is calling. Answers come from memory for ten seconds, so that an order waits for no database; signing out, revoking a key and
 * changing a role clear what is remembered.
 */
export class Principals {
  readonly #auth: Auth;
  readonly #prisma: PrismaClient;
  readonly #log: Logger;
  readonly #now: () => number;
  readonly #known = new Map<string, Known>();
  readonly #names = new Map<string, string>();
  readonly #tenants = new Set<string>([HOUSE_TENANT]);

  constructor(parts: { auth: Auth; prisma: PrismaClient; log: Logger; now: () => number }) {
    this.#auth = parts.auth;
    this.#prisma = parts.prisma;
    this.#log = parts.log;
    this.#now = parts.now;
  }

  /** The caller, if it was checked within the last ten seconds: the path without a wait. */
  remembered(headers: IncomingHttpHeaders): Principal | null {
    const credential = credentialOf(headers);
    const known = credential === null ? undefined : this.#known.get(credential.digest);
    return known !== undefined && this.#now() - known.at < FRESH_MS ? known.principal : null;
  }

  /** The caller, or null when the credential is missing, wrong, expired or revoked. */
  async of(headers: IncomingHttpHeaders): Promise<Principal | null> {
    const credential = credentialOf(headers);
    if (credential === null) return null;
    const known = this.#known.get(credential.digest);
    if (known !== undefined && this.#now() - known.at < FRESH_MS) return known.principal;
    try {
      const principal = credential.key === null ? await this.#person(headers) : await this.#key(credential.key);
      this.#remember(credential.digest, principal);
      return principal;
    } catch (error) {
      if (known === undefined || this.#now() - known.at > LAST_KNOWN_MS) throw error;
      this.#log.warn({ err: error }, 'a caller could not be checked against the database; the last known answer stands');
      return known.principal;
    }
  }

  /** Forgets one caller (after signing out) or, without headers, all (after a key was revoked or a role changed). */
  forget(headers?: IncomingHttpHeaders): void {
    const credential = headers === undefined ? null : credentialOf(headers);
    if (credential === null) this.#known.clear();
    else this.#known.delete(credential.digest);
  }

  #remember(digest: string, principal: Principal | null): void {
    if (principal === null) {
      this.#known.delete(digest);
      return;
    }
    if (this.#known.size >= MAX_KNOWN) this.#known.clear();
    this.#known.set(digest, { principal, at: this.#now() });
    this.#names.set(principal.id, principal.name);
  }

  async #person(headers: IncomingHttpHeaders): Promise<Principal | null> {
    const found = await this.#auth.api.getSession({ headers: webHeaders(headers), query: { disableCookieCache: true } });
    if (found === null) return null;
    const person = PersonRow.parse(found.user);
    return { kind: 'person', ...person, person: person.id };
  }

  async #key(key: string): Promise<Principal | null> {
    const { valid, key: found } = await this.#auth.api.verifyApiKey({ body: { key } });
    if (!valid || found === null) return null;
    const scopes = KeyPermissions.safeParse(found.permissions);
    const row = await this.#prisma.user.findUnique({ where: { id: found.referenceId } });
    if (row === null || !scopes.success) return null;
    const holder = PersonRow.parse(row);
    const name = `${found.name ?? 'API key'} (${holder.name})`;
    return { kind: 'key', id: found.id, name, role: holder.role, tenant: holder.tenant, person: holder.id, keyScopes: scopes.data.wheelhouse };
  }

  /** Loads names for display; they live beside the ledger, which knows people by id only. */
  async loadNames(): Promise<void> {
    for (const { id, name, tenant } of await this.#prisma.user.findMany({ select: { id: true, name: true, tenant: true } })) this.setPerson(id, name, tenant);
    for (const { id, name } of await this.#prisma.apiKey.findMany({ select: { id: true, name: true } })) this.#names.set(id, name ?? 'API key');
  }

  setName(id: string, name: string): void {
    this.#names.set(id, name);
  }

  setPerson(id: string, name: string, tenant: string): void {
    this.#names.set(id, name);
    this.#tenants.add(tenant);
  }

  /** Whether anybody here belongs to this tenant. */
  hasTenant(tenant: string): boolean {
    return this.#tenants.has(tenant);
  }

  nameOf(id: string): string {
    return this.#names.get(id) ?? id;
  }
}

/** The actor that the ledger records for a caller: ids and role, no names. */
export function actorOf(principal: Principal): Actor {
  const actor: Actor = { kind: principal.kind, id: principal.id, role: principal.role };
  return principal.kind === 'key' ? { ...actor, person: principal.person } : actor;
}

export function webHeaders(headers: IncomingHttpHeaders): Headers {
  const web = new Headers();
  for (const [name, value] of Object.entries(headers)) {
    if (Array.isArray(value)) for (const one of value) web.append(name, one);
    else if (value !== undefined) web.append(name, value);
  }
  return web;
}

function credentialOf(headers: IncomingHttpHeaders): Credential | null {
  const bearer = /^Bearer (\S+)$/i.exec(headers.authorization ?? '')?.[1];
  if (bearer !== undefined) return bearer.startsWith(KEY_PREFIX) ? { digest: digestOf(bearer), key: bearer } : null;
  const cookie = /(?:^|; *)((?:__Secure-)?better-auth\.session_token=[^;]+)/.exec(headers.cookie ?? '')?.[1];
  return cookie === undefined ? null : { digest: digestOf(cookie), key: null };
}

function digestOf(secret: string): string {
  return createHash('sha256').update(secret).digest('base64');
}
