import type { BlockList } from 'node:net';
import rateLimit, { normalizeIP } from '@fastify/rate-limit';
import { problemOf } from '@wheelhouse/protocol/problem';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { callerAddress } from '../identity/caller-address.ts';
import type { Principals } from '../identity/principals.ts';
import { limitingOf, permits } from './never-limited.ts';

const WINDOW_S = 60;
/** Callers that are counted at a time; beyond that, whoever was quiet the longest is forgotten. */
const MAX_CALLERS = 20_000;
/** Of an IPv6 address, what one customer usually has. */
const SUBNET_BITS = 64;

export type CallerLimits = { readonly perMinute: number; readonly principals: Principals; readonly trustedProxies: BlockList };

/**
 * Counts each caller's REST requests by the minute: a key's, a person's, or, while a credential is not known (yet), its address's. Answers say
 * where the caller stands (`RateLimit` and `RateLimit-Policy`, draft-ietf-httpapi-ratelimit-headers-10); above the limit they are 429 with
 * `Retry-After`. What restricts is never counted and never refused here (law 1). Counts are in memory, of this process; 0 counts nothing.
 */
export async function limitCallers(fastify: FastifyInstance, { perMinute, principals, trustedProxies }: CallerLimits): Promise<void> {
  if (perMinute === 0) return;
  await fastify.register(rateLimit, {
    global: false,
    max: perMinute,
    timeWindow: WINDOW_S * 1000,
    cache: MAX_CALLERS,
    keyGenerator: (request) => {
      const caller = principals.remembered(request.headers);
      return caller === null
        ? `address:${normalizeIP(callerAddress(request, trustedProxies), SUBNET_BITS)}`
        : `${caller.kind}:${caller.id}`;
    },
  });
  const count = fastify.createRateLimit();
  const pass = async (request: FastifyRequest, reply: FastifyReply): Promise<boolean> => {
    const counted = await count(request);
    if (counted.isAllowed) return true;
    const { remaining, ttlInSeconds, isExceeded } = counted;
    void reply.header('ratelimit-policy', `"minute";q=${perMinute};w=${WINDOW_S}`);
    void reply.header('ratelimit', `"minute";r=${remaining};t=${ttlInSeconds}`);
    if (isExceeded) refuse(reply, perMinute, ttlInSeconds);
    return !isExceeded;
  };
  // With callbacks, not promises: an order passes without giving its turn away.
  fastify.addHook('onRequest', (request, reply, done) => {
    if (limitingOf(request) === 'always') goOn(pass(request, reply), done);
    else done();
  });
  fastify.addHook('preHandler', (request, reply, done) => {
    if (limitingOf(request) === 'by-body' && permits(request)) goOn(pass(request, reply), done);
    else done();
  });
}

/** Goes on where the request passed; where it did not, it has its answer. */
function goOn(passed: Promise<boolean>, done: (error?: Error) => void): void {
  passed.then(
    (yes) => {
      if (yes) done();
    },
    (error: unknown) => {
      done(error instanceof Error ? error : new Error('The request could not be counted.', { cause: error }));
    },
  );
}

function refuse(reply: FastifyReply, perMinute: number, seconds: number): void {
  const problem = problemOf(
    'rate_limited',
    `More than ${perMinute} requests within a minute. Try again in ${seconds} seconds. Orders that restrict, and whatever else stops or withdraws, are never limited.`,
  );
  void reply.status(problem.status).header('retry-after', String(seconds)).header('content-type', 'application/problem+json');
  void reply.send(JSON.stringify(problem));
}
