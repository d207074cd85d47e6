import { subscribe } from 'node:diagnostics_channel';
import { isMainThread } from 'node:worker_threads';
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';

/** Loaded into a server with `--import`: prints each route that its web server really has, as `ROUTE GET /v1/me`. */
const Started = z.object({
  fastify: z.custom<FastifyInstance>((value) => typeof value === 'object' && value !== null && 'addHook' in value),
});

if (isMainThread) {
  subscribe('fastify.initialization', (message) => {
    Started.parse(message).fastify.addHook('onRoute', ({ method, url }) => {
      for (const one of [method].flat()) process.stdout.write(`ROUTE ${one} ${url}\n`);
    });
  });
}
