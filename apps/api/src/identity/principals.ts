import { createHash } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { type Actor, HOUSE_TENANT, KeyScope, Principal, Role } from '@wheelhouse/protocol/identity';
import type { Logger } from 'pino';
import { z } from 'zod';
import type { PrismaClient } from '../generated/prisma/client.ts';
import { Refusal } from '../problem/refusal.ts';
import { type Auth, KEY_PREFIX } from './auth.ts';
import { ADDRESS_HEADER } from './caller-address.ts';
import { endOf } from './key-ending.ts';

/** Up to this age an answer from memory is used as it is; up to the next, it is used and checked anew behind the caller's back. */
const FRESH_MS = 10_000;
const USABLE_MS = 60_000;
/** While the database is away, whoever was known this recently may still stop things (law 2). */
const LAST_KNOWN_MS = 30 * 60_000;
/** A database that hangs is as good as away: whoever is known does not wait for it longer than this, and an order bites within its tick. */
const CHECK_WITHIN_MS = 100;
const UNKNOWN_WITHIN_MS = 4000;
const MAX_KNOWN = 10_000;

/** `at`: when it was last checked; `askedAt`: when that was last tried. */
type Known = { readonly principal: Principal; readonly at: number; askedAt: number; readonly expiresAt: number };
type Checked = { readonly principal: Principal; readonly expiresAt: number };
type Credential = { readonly digest: string; readonly key: string | null };

const KeyPermissions = z.object({ wheelhouse: z.array(KeyScope) });
const PersonRow = z.object({ id: z.string(), name: z.string(), role: Role, tenant: z.string() });

/**
 * Who is calling. Answers come from memory for a minute, checked anew behind the caller's back after ten seconds, so that an order waits
 * for no database. Signing out and revoking a key clear what is remembered; a credential's own end is looked at each time.
 */
export class Principals {
  readonly #auth: Auth;
  readonly #prisma: PrismaClient;
  readonly #log: Logger;
  readonly #now: () => number;
  readonly #known = new Map<string, Known>();
  readonly #names = new Map<string, string>();
  readonly #tenants = new Set<string>([HOUSE_TENANT]);
  readonly #tenantOf = new Map<string, string>();
  /** Counts the acts of forgetting. */
  #forgotten = 0;

  constructor(parts: { auth: Auth; prisma: PrismaClient; log: Logger; now: () => number }) {
    this.#auth = parts.auth;
    this.#prisma = parts.prisma;
    this.#log = parts.log;
    this.#now = parts.now;
  }

  /** The caller, if it was checked within the last minute: the path without a wait. */
  remembered(headers: IncomingHttpHeaders): Principal | null {
    const credential = credentialOf(headers);
    const known = credential === null ? undefined : this.#known.get(credential.digest);
    if (credential === null || known === undefined || Date.now() >= known.expiresAt) return null;
    const age = this.#now() - known.at;
    if (age > USABLE_MS) return null;
    if (age > FRESH_MS) this.#refresh(credential, headers, known);
    return known.principal;
  }

  /** The caller, or null when the credential is missing, wrong, expired or revoked. */
  async of(headers: IncomingHttpHeaders): Promise<Principal | null> {
    const credential = credentialOf(headers);
    if (credential === null) return null;
    const known = this.#known.get(credential.digest);
    const check = this.#check(credential, headers);
    if (known === undefined || Date.now() >= known.expiresAt || this.#now() - known.at > LAST_KNOWN_MS) return this.#inTime(check);
    return Promise.race([check.catch((error: unknown) => this.#lastKnown(known, error)), this.#patience(known)]);
  }

  /** A caller whom nobody knows yet can't be let in without the database; they are told so, whether it fails or hangs. */
  async #inTime(check: Promise<Principal | null>): Promise<Principal | null> {
    const { promise, reject } = Promise.withResolvers<never>();
    const timer = setTimeout(() => {
      reject(new Error('the database hangs'));
    }, UNKNOWN_WITHIN_MS);
    try {
      return await Promise.race([check, promise]);
    } catch (error) {
      this.#log.warn({ err: error }, 'a caller could not be checked against the database, and was not known');
      throw new Refusal(
        'ledger_unavailable',
        'The database does not answer, so callers who were not here in the last half hour can not be let in. Try again soon.',
      );
    } finally {
      clearTimeout(timer);
    }
  }

  #lastKnown(known: Known, error: unknown): Principal {
    this.#log.warn({ err: error }, 'a caller could not be checked against the database; the last known answer stands');
    return known.principal;
  }

  async #patience(known: Known): Promise<Principal> {
    await new Promise((resolve) => setTimeout(resolve, CHECK_WITHIN_MS));
    return known.principal;
  }

  async #check(credential: Credential, headers: IncomingHttpHeaders): Promise<Principal | null> {
    const asOf = this.#forgotten;
    const checked = credential.key === null ? await this.#person(headers) : await this.#key(credential.key);
    // What was asked before a key was revoked must not bring it back.
    if (asOf === this.#forgotten) this.#remember(credential.digest, checked);
    return checked?.principal ?? null;
  }

  /** Checks a remembered caller anew while the answer from memory is used, one check at a time. */
  #refresh(credential: Credential, headers: IncomingHttpHeaders, known: Known): void {
    if (this.#now() - known.askedAt < FRESH_MS / 2) return;
    known.askedAt = this.#now();
    this.#check(credential, headers).catch((error: unknown) => this.#lastKnown(known, error));
  }

  /** Forgets one caller (after signing out) or, without headers, all (after a key was revoked or a role changed). */
  forget(headers?: IncomingHttpHeaders): void {
    this.#forgotten += 1;
    const credential = headers === undefined ? null : credentialOf(headers);
    if (credential === null) this.#known.clear();
    else this.#known.delete(credential.digest);
  }

  #remember(digest: string, checked: Checked | null): void {
    if (checked === null) {
      this.#known.delete(digest);
      return;
    }
    if (this.#known.size >= MAX_KNOWN) this.#known.clear();
    this.#known.set(digest, { ...checked, at: this.#now(), askedAt: this.#now() });
    this.#names.set(checked.principal.id, checked.principal.name);
  }

  async #person(headers: IncomingHttpHeaders): Promise<Checked | null> {
    const found = await this.#auth.api.getSession({ headers: webHeaders(headers), query: { disableCookieCache: true } });
    if (found === null) return null;
    const person = PersonRow.parse(found.user);
    return { principal: { kind: 'person', ...person, person: person.id }, expiresAt: found.session.expiresAt.getTime() };
  }

  async #key(key: string): Promise<Checked | null> {
    const { valid, key: found } = await this.#auth.api.verifyApiKey({ body: { key } });
    if (!valid || found === null) return null;
    const scopes = KeyPermissions.safeParse(found.permissions);
    const row = await this.#prisma.user.findUnique({ where: { id: found.referenceId } });
    const stored = await this.#prisma.apiKey.findUnique({ where: { id: found.id }, select: { expiresAt: true, metadata: true } });
    if (row === null || stored === null || !scopes.success) return null;
    // Another key may have taken its place; the sign-in library knows nothing of that.
    const end = endOf(stored);
    if (end !== null && end.getTime() <= Date.now()) return null;
    const holder = PersonRow.parse(row);
    const name = `${found.name ?? 'API key'} (${holder.name})`;
    const principal: Principal = {
      kind: 'key',
      id: found.id,
      name,
      role: holder.role,
      tenant: holder.tenant,
      person: holder.id,
      keyScopes: scopes.data.wheelhouse,
    };
    return { principal, expiresAt: end?.getTime() ?? Number.POSITIVE_INFINITY };
  }

  /** Loads names for display; they live beside the ledger, which knows people by id only. */
  async loadNames(): Promise<void> {
    for (const { id, name, tenant } of await this.#prisma.user.findMany({ select: { id: true, name: true, tenant: true } }))
      this.setPerson(id, name, tenant);
    for (const { id, name } of await this.#prisma.apiKey.findMany({ select: { id: true, name: true } }))
      this.#names.set(id, name ?? 'API key');
  }

  setName(id: string, name: string): void {
    this.#names.set(id, name);
  }

  setPerson(id: string, name: string, tenant: string): void {
    this.#names.set(id, name);
    this.#tenants.add(tenant);
    this.#tenantOf.set(id, tenant);
  }

  /** Whether anybody here belongs to this tenant. */
  hasTenant(tenant: string): boolean {
    return this.#tenants.has(tenant);
  }

  /** Whose a person is; null for somebody who is not here. */
  tenantOf(person: string): string | null {
    return this.#tenantOf.get(person) ?? null;
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

/** What a caller sent, for the sign-in library. */
export function webHeaders(headers: IncomingHttpHeaders): Headers {
  const web = new Headers();
  for (const [name, value] of Object.entries(headers)) {
    if (name === ADDRESS_HEADER) continue;
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
