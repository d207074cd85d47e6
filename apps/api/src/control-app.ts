import { existsSync } from 'node:fs';
import path from 'node:path';
import fastifyStatic from '@fastify/static';
import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { problemOf } from '@wheelhouse/protocol/problem';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { ControlModule } from './control.module.ts';
import { mountDocs } from './docs/mount-docs.ts';
import { fastifyAdapter } from './fastify-adapter.ts';
import { type House, VERSION } from './house.ts';
import { ADDRESS_HEADER, callerAddress } from './identity/caller-address.ts';
import { webHeaders } from './identity/principals.ts';
import { limitCallers } from './limits/limit-callers.ts';
import { noteArrival } from './operator/arrival.ts';
import { operatorAdapter } from './operator/operator-adapter.ts';

const BODY_LIMIT = 256 * 1024;
const PAGES = [
  '/',
  '/talk',
  '/sessions',
  '/sessions/*',
  '/ledger',
  '/ledger/*',
  '/content',
  '/approvals',
  '/approvals/*',
  '/actions',
  '/actions/*',
  '/charter',
  '/charter/*',
  '/policy',
  '/policy/*',
  '/developers',
  '/transparency',
  '/channels',
  '/sign-in',
  '/welcome',
];

/** The control thread's Nest application: REST, the operator channel, sign-in, documentation and the console's files. */
export async function createControlApp(house: House): Promise<NestFastifyApplication> {
  const adapter = fastifyAdapter(house.env.tls, { bodyLimit: BODY_LIMIT, trustProxy: false });
  const fastify: FastifyInstance = adapter.getInstance();
  fastify.addHook('onRequest', (request, reply, done) => {
    noteArrival(request.raw, house.clock.now());
    setSecurityHeaders(request, reply, house);
    done();
  });
  const { rateLimit: perMinute, decisionLimit: decisionsPerMinute, trustedProxies } = house.env;
  await limitCallers(fastify, { perMinute, decisionsPerMinute, principals: house.principals, trustedProxies });
  const app = await NestFactory.create<NestFastifyApplication>(ControlModule.of(house), adapter, { logger: false, rawBody: true });
  app.useWebSocketAdapter(operatorAdapter(app, house.clock.now));
  mountSignIn(fastify, house);
  mountDocs(app, VERSION);
  await mountConsole(fastify, path.join(house.env.root, 'apps', 'console', 'dist'));
  return app;
}

/** The sign-in library answers under /api/auth itself; afterwards whoever called is looked at afresh. */
function mountSignIn(fastify: FastifyInstance, house: House): void {
  fastify.route({
    method: ['GET', 'POST'],
    url: '/api/auth/*',
    handler: async (request, reply) => {
      const hasBody = request.method === 'POST' && request.body !== undefined && request.body !== null;
      const headers = webHeaders(request.headers);
      headers.set(ADDRESS_HEADER, callerAddress(request, house.env.trustedProxies));
      const answer = await house.auth.handler(
        new Request(new URL(request.url, house.auth.options.baseURL), {
          method: request.method,
          headers,
          ...(hasBody ? { body: JSON.stringify(request.body) } : {}),
        }),
      );
      if (answer.status === 429) return refuseForNow(reply, answer.headers.get('x-retry-after'));
      if (request.method === 'POST') house.principals.forget(request.headers);
      void reply.status(answer.status);
      for (const [name, value] of answer.headers) if (name !== 'set-cookie') void reply.header(name, value);
      const cookies = answer.headers.getSetCookie();
      if (cookies.length > 0) void reply.header('set-cookie', cookies);
      return reply.send(await answer.text());
    },
  });
}

/** Too many attempts from one address. */
function refuseForNow(reply: FastifyReply, seconds: string | null): FastifyReply {
  const after = seconds ?? '60';
  const problem = problemOf('rate_limited', `Too many attempts from your address. Try again in ${after} seconds.`);
  void reply.status(problem.status).header('retry-after', after).header('content-type', 'application/problem+json');
  return reply.send(JSON.stringify(problem));
}

/** The console's built files. Its pages are routes of the one-page app, so each answers with index.html. */
async function mountConsole(fastify: FastifyInstance, dist: string): Promise<void> {
  if (!existsSync(dist)) return;
  await fastify.register(fastifyStatic, { root: dist, wildcard: false, index: false });
  for (const url of PAGES) fastify.get(url, (_request, reply) => reply.sendFile('index.html'));
}

function setSecurityHeaders(request: FastifyRequest, reply: FastifyReply, house: House): void {
  if (request.url.startsWith('/docs')) return;
  const stream = new URL(house.streamUrl());
  void reply.header(
    'content-security-policy',
    `default-src 'self'; connect-src 'self' ${stream.protocol}//${stream.host} ws://${request.headers.host ?? ''} wss://${request.headers.host ?? ''}; img-src 'self' data:; frame-ancestors 'none'; base-uri 'none'; form-action 'self'`,
  );
  void reply.header('x-content-type-options', 'nosniff');
  void reply.header('referrer-policy', 'no-referrer');
  void reply.header('permissions-policy', 'microphone=(self), camera=()');
}

/** What Fastify refuses before Nest sees it (an unknown route, a body that is not JSON) leaves as problem+json too. */
export function setFallbacks(fastify: FastifyInstance): void {
  fastify.setNotFoundHandler((request, reply) => {
    const problem = problemOf('not_found', `There is no ${request.method} ${request.url.split('?')[0] ?? ''}. /docs lists the routes.`);
    return reply.status(404).header('content-type', 'application/problem+json').send(JSON.stringify(problem));
  });
}
