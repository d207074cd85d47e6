import { randomUUID } from 'node:crypto';
import { subject } from '@casl/ability';
import { abilitiesOf } from '@wheelhouse/access/abilities';
import { HOUSE_TENANT, type Invite, type InviteRequest, Person, type Principal } from '@wheelhouse/protocol/identity';
import type { Court } from '../charter/court.ts';
import type { PrismaClient } from '../generated/prisma/client.ts';
import { Ledger } from '../ledger/ledger.ts';
import { SYSTEM } from '../ledger/new-entry.ts';
import { Refusal } from '../problem/refusal.ts';
import { type Auth, LINK_VALID_S, type LinkDesk } from './auth.ts';
import { actorOf, type Principals } from './principals.ts';

/** The first operator's address, until there are others: it names nobody and gets no mail. */
export const FIRST_EMAIL = 'operator@wheelhouse.local';

/** Hands the link that the sign-in library makes to the one invitation that asked for it. */
export class Links implements LinkDesk {
  readonly #waiting = new Map<string, (url: string) => void>();

  take(email: string, url: string): void {
    this.#waiting.get(email)?.(url);
  }

  async linkFor(auth: Auth, email: string, landing: string): Promise<string> {
    const made = new Promise<string>((resolve) => this.#waiting.set(email, resolve));
    try {
      await auth.api.signInMagicLink({ body: { email, callbackURL: landing, errorCallbackURL: '/sign-in' }, headers: new Headers() });
      return await made;
    } finally {
      this.#waiting.delete(email);
    }
  }
}

/** People of the installation: invited, never self-registered. */
export class People {
  readonly #auth: Auth;
  readonly #links: Links;
  readonly #prisma: PrismaClient;
  readonly #ledger: Ledger;
  readonly #court: Court;
  readonly #principals: Principals;

  constructor(parts: { auth: Auth; links: Links; prisma: PrismaClient; ledger: Ledger; court: Court; principals: Principals }) {
    this.#auth = parts.auth;
    this.#links = parts.links;
    this.#prisma = parts.prisma;
    this.#ledger = parts.ledger;
    this.#court = parts.court;
    this.#principals = parts.principals;
  }

  /** Invites a person: the record first, then the one-time link, shown this once. */
  async invite(by: Principal, request: InviteRequest): Promise<Invite> {
    const tenant = request.tenant ?? by.tenant;
    if (!abilitiesOf(by).can('invite', subject('Person', { tenant })))
      throw new Refusal('forbidden', `You may not invite people to the tenant ${tenant}.`);
    // Under a charter nobody makes an administrator alone: a quorum gives the role to somebody who is here.
    if (request.role === 'administrator' && tenant === HOUSE_TENANT)
      this.#court.refuseOneMore('invite them with another role; a proposal for access.grant');
    const email = request.email.toLowerCase();
    if ((await this.#prisma.user.findUnique({ where: { email } })) !== null) {
      throw new Refusal('conflict', `Somebody with the address ${email} is here already.`);
    }
    const id = randomUUID();
    await this.#ledger.appendFirst('person.joined', { person: id, role: request.role, tenant }, actorOf(by));
    return this.#create(id, { name: request.name, email, role: request.role, tenant });
  }

  /** While nobody can sign in yet: the one-time link for the first operator, an administrator of the house. Null later. */
  async firstLink(): Promise<string | null> {
    const canSignIn = (await this.#prisma.passkey.count()) + (await this.#prisma.account.count({ where: { password: { not: null } } }));
    if (canSignIn > 0) return null;
    const first = await this.#prisma.user.findFirst({ orderBy: { createdAt: 'asc' } });
    if (first !== null) return this.#links.linkFor(this.#auth, first.email, '/welcome');
    const id = randomUUID();
    await this.#ledger.appendFirst('person.joined', { person: id, role: 'administrator', tenant: HOUSE_TENANT }, SYSTEM);
    return (await this.#create(id, { name: 'First operator', email: FIRST_EMAIL, role: 'administrator', tenant: HOUSE_TENANT })).link;
  }

  async list(by: Principal): Promise<Person[]> {
    const rows = await this.#prisma.user.findMany({ orderBy: { createdAt: 'asc' } });
    const may = abilitiesOf(by);
    return rows
      .filter((row) => may.can('read', subject('Person', { tenant: row.tenant })))
      .map((row) => Person.parse({ ...row, createdAt: row.createdAt.toISOString() }));
  }

  async #create(id: string, person: { name: string; email: string; role: string; tenant: string }): Promise<Invite> {
    await this.#prisma.user.create({ data: { id, ...person, emailVerified: true } });
    this.#principals.setPerson(id, person.name, person.tenant);
    const link = await this.#links.linkFor(this.#auth, person.email, '/welcome');
    return { person: id, link, expiresAt: new Date(Date.now() + LINK_VALID_S * 1000).toISOString() };
  }
}
