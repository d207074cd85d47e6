import type { BlockList } from 'node:net';
import rateLimit, { normalizeIP } from '@fastify/rate-limit';
import { problemOf } from '@wheelhouse/protocol/problem';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { callerAddress } from '../identity/caller-address.ts';
import type { Principals } from '../identity/principals.ts';
import { asksPolicy, limitingOf, permits } from './never-limited.ts';

const WINDOW_S = 60;
/** Callers that are counted at a time; beyond that, whoever was quiet the longest is forgotten. */
const MAX_CALLERS = 20_000;
/** Of an IPv6 address, what one customer usually has. */
const SUBNET_BITS = 64;

/** Requests in a minute: of all kinds but questions to policy, and of those. 0: no limit. */
export type CallerLimits = {
  readonly perMinute: number;
  readonly decisionsPerMinute: number;
  readonly principals: Principals;
  readonly trustedProxies: BlockList;
};

type Pass = (request: FastifyRequest, reply: FastifyReply) => Promise<boolean>;

/**
 * Counts each caller's REST requests by the minute: a key's, a person's, or, while a credential is not known (yet), its address's. Questions to policy
 * of known callers have a count of their own: who enforces asks before each act. Answers say where the caller stands (`RateLimit` and
 * `RateLimit-Policy`, draft-ietf-httpapi-ratelimit-headers-10); above the limit they are 429 with `Retry-After`. What restricts is never counted and
 * never refused here (law 1). Counts are in memory, of this process; 0 counts nothing.
 */
export async function limitCallers(fastify: FastifyInstance, limits: CallerLimits): Promise<void> {
  const { perMinute, decisionsPerMinute, principals, trustedProxies } = limits;
  await fastify.register(rateLimit, {
    global: false,
    timeWindow: WINDOW_S * 1000,
    keyGenerator: (request) => {
      const caller = principals.remembered(request.headers);
      return caller === null
        ? `address:${normalizeIP(callerAddress(request, trustedProxies), SUBNET_BITS)}`
        : `${caller.kind}:${caller.id}`;
    },
  });
  const requests = counter(fastify, { name: 'minute', most: perMinute, noun: 'requests' });
  const decisions = counter(fastify, { name: 'decisions', most: decisionsPerMinute, noun: 'questions to policy' });
  // Strangers have the one count: who guesses at keys must not have the generous one.
  const pass: Pass = (request, reply) =>
    (asksPolicy(request) && principals.remembered(request.headers) !== null ? decisions : requests)(request, reply);
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

type Limit = { readonly name: string; readonly most: number; readonly noun: string };

/** A count of its own: answers whether the request passes, and tells the caller where it stands. */
function counter(fastify: FastifyInstance, limit: Limit): Pass {
  const { name, most } = limit;
  if (most === 0) return () => Promise.resolve(true);
  // A count with options has a store of its own, and would have room for 5000 callers only; the library's types leave `cache` out.
  const options = { max: most, cache: MAX_CALLERS };
  const count = fastify.createRateLimit(options);
  return async (request, reply) => {
    const counted = await count(request);
    if (counted.isAllowed) return true;
    const { remaining, ttlInSeconds, isExceeded } = counted;
    void reply.header('ratelimit-policy', `"${name}";q=${most};w=${WINDOW_S}`);
    void reply.header('ratelimit', `"${name}";r=${remaining};t=${ttlInSeconds}`);
    if (isExceeded) refuse(reply, limit, ttlInSeconds);
    return !isExceeded;
  };
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

function refuse(reply: FastifyReply, { most, noun }: Limit, seconds: number): void {
  const problem = problemOf(
    'rate_limited',
    `More than ${most} ${noun} within a minute. Try again in ${seconds} seconds. Orders that restrict, and whatever else stops or withdraws, are never limited.`,
  );
  void reply.status(problem.status).header('retry-after', String(seconds)).header('content-type', 'application/problem+json');
  void reply.send(JSON.stringify(problem));
}
