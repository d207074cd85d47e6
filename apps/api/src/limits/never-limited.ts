import type { FastifyRequest } from 'fastify';
import { z } from 'zod';

/** Whether a request is limited is known from its route, or only from its body. */
export type Limiting = 'never' | 'always' | 'by-body';

/** What counts. Not health, for whoever watches over the server, nor the console's files, nor signing in, which is counted by itself. */
const LIMITED = ['/v1/', '/access/', '/log/'];

/**
 * What stops, withdraws or takes the wheel: one human, one act, at any moment (law 1). A caller who has used up everything else still can.
 * `supervise` is the way to taking a session over.
 */
const RESTRICTIVE: ReadonlySet<string> = new Set([
  'POST /v1/policy/rollback',
  'POST /v1/sessions/:id/supervise',
  'DELETE /v1/sessions/:id',
  'DELETE /v1/keys/:id',
  'POST /v1/releases/:id/withdraw',
  'POST /v1/erasures/:id/withdraw',
  'POST /v1/actions/:id/withdraw',
  'POST /v1/proposals/:id/withdraw',
]);

/** Routes that restrict or permit, as the body says; with the bodies that permit. Whatever else comes is refused cheaply, or restricts. */
const PERMISSIVE_BODIES: Readonly<Record<string, z.ZodType>> = {
  'POST /v1/orders': z.object({ kind: z.literal('release') }),
  'POST /v1/proposals/:id/votes': z.object({ choice: z.literal('yes') }),
  'POST /v1/actions/:id/decision': z.object({ outcome: z.enum(['approve', 'edit', 'answer']) }),
};

/** Whether a request counts, by its route: an address can be spelt in many ways. One without a route counts by its address. */
export function limitingOf({ method, url, routeOptions }: Pick<FastifyRequest, 'method' | 'url' | 'routeOptions'>): Limiting {
  const route = `${method} ${routeOptions.url ?? ''}`;
  if (route in PERMISSIVE_BODIES) return 'by-body';
  if (RESTRICTIVE.has(route)) return 'never';
  return LIMITED.some((prefix) => (routeOptions.url ?? url).startsWith(prefix)) ? 'always' : 'never';
}

/** Policy alone is asked: for each act of whoever enforces it, so these have a count of their own. */
const QUESTIONS: ReadonlySet<string> = new Set([
  'POST /v1/decisions',
  'POST /v1/decisions/batch',
  'POST /access/v1/evaluation',
  'POST /access/v1/evaluations',
]);

export function asksPolicy({ method, routeOptions }: Pick<FastifyRequest, 'method' | 'routeOptions'>): boolean {
  return QUESTIONS.has(`${method} ${routeOptions.url ?? ''}`);
}

/** Of a request whose body decides: whether it asks for more than a restriction. */
export function permits({ method, routeOptions, body }: Pick<FastifyRequest, 'method' | 'routeOptions' | 'body'>): boolean {
  return PERMISSIVE_BODIES[`${method} ${routeOptions.url ?? ''}`]?.safeParse(body).success ?? false;
}
