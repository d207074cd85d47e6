import type { IncomingHttpHeaders } from 'node:http';
import type { Me, Principal } from '@wheelhouse/protocol/identity';
import { APIError } from 'better-auth/api';
import type { PrismaClient } from '../generated/prisma/client.ts';
import { Refusal } from '../problem/refusal.ts';
import type { Auth } from './auth.ts';
import { webHeaders } from './principals.ts';

/** What a person sees and sets of their own account. */
export class OwnAccount {
  readonly #auth: Auth;
  readonly #prisma: PrismaClient;
  readonly #streamUrl: () => string;

  constructor(parts: { auth: Auth; prisma: PrismaClient; streamUrl: () => string }) {
    this.#auth = parts.auth;
    this.#prisma = parts.prisma;
    this.#streamUrl = parts.streamUrl;
  }

  async me(principal: Principal): Promise<Me> {
    const passwords = await this.#prisma.account.count({ where: { userId: principal.person, password: { not: null } } });
    const passkeys = await this.#prisma.passkey.count({ where: { userId: principal.person } });
    return { principal, hasPassword: passwords > 0, passkeys, streamUrl: this.#streamUrl() };
  }

  /** Sets the first password. Changing it later asks for the old one, which the sign-in library does. */
  async setPassword(principal: Principal, password: string, headers: IncomingHttpHeaders): Promise<void> {
    if (principal.kind !== 'person') throw new Refusal('forbidden', 'An API key has no password.');
    try {
      await this.#auth.api.setPassword({ body: { newPassword: password }, headers: webHeaders(headers) });
    } catch (error) {
      if (error instanceof APIError)
        throw new Refusal('conflict', error.message === '' ? 'A password is set already; change it at sign-in.' : error.message);
      throw error;
    }
  }
}
