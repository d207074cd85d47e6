import { apiKey } from '@better-auth/api-key';
import { passkey } from '@better-auth/passkey';
import { HOUSE_TENANT } from '@wheelhouse/protocol/identity';
import { betterAuth } from 'better-auth';
import { prismaAdapter } from 'better-auth/adapters/prisma';
import { magicLink } from 'better-auth/plugins';
import type { PrismaClient } from '../generated/prisma/client.ts';
import { ADDRESS_HEADER } from './caller-address.ts';

export const LINK_VALID_S = 60 * 60;
export const KEY_PREFIX = 'wh_';
export const MIN_PASSWORD = 12;

/** Receives the one-time link that an invitation made; a link that nobody invited for goes nowhere. */
export type LinkDesk = { take: (email: string, url: string) => void };

/**
 * The sign-in library, set up: one-time links, passkeys and passwords for people, hashed API keys for programs. People come in by
 * invitation only; role and tenant are never taken from what they send.
 */
export function createAuth(options: { prisma: PrismaClient; secret: string; url: string; links: LinkDesk }) {
  const { hostname, origin } = new URL(options.url);
  return betterAuth({
    appName: 'Wheelhouse',
    baseURL: options.url,
    basePath: '/api/auth',
    secret: options.secret,
    trustedOrigins: [origin],
    database: prismaAdapter(options.prisma, { provider: 'postgresql' }),
    telemetry: { enabled: false },
    logger: { level: 'error' },
    // Counted for each address and path, from one attempt to the next. Whoever guesses gets no further than some ten thousand passwords a day;
    // a token of a one-time link has 190 bits.
    rateLimit: {
      enabled: true,
      window: 10,
      max: 100,
      customRules: { '/sign-in/email': { window: 60, max: 10 }, '/magic-link/verify': { window: 60, max: 60 } },
    },
    advanced: { ipAddress: { ipAddressHeaders: [ADDRESS_HEADER] } },
    user: {
      additionalFields: {
        role: { type: 'string', required: true, defaultValue: 'developer', input: false },
        tenant: { type: 'string', required: true, defaultValue: HOUSE_TENANT, input: false },
      },
    },
    session: { modelName: 'signIn', expiresIn: 60 * 60 * 24 * 7 },
    emailAndPassword: { enabled: true, disableSignUp: true, minPasswordLength: MIN_PASSWORD },
    // Keys and links are made through our own routes, which check abilities and write to the ledger.
    disabledPaths: [
      '/sign-up/email',
      '/sign-in/magic-link',
      '/api-key/create',
      '/api-key/update',
      '/api-key/delete',
      '/api-key/list',
      '/api-key/get',
      '/delete-user',
      '/change-email',
      '/update-user',
    ],
    plugins: [
      magicLink({
        expiresIn: LINK_VALID_S,
        storeToken: 'hashed',
        disableSignUp: true,
        sendMagicLink: ({ email, url }) => {
          options.links.take(email, url);
        },
      }),
      passkey({ rpID: hostname, rpName: 'Wheelhouse', origin }),
      apiKey({
        defaultPrefix: KEY_PREFIX,
        rateLimit: { enabled: false },
        enableSessionForAPIKeys: false,
        schema: { apikey: { modelName: 'apiKey' } },
      }),
    ],
  });
}

export type Auth = ReturnType<typeof createAuth>;
