import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { PROBLEM_CODES, Problem } from '@wheelhouse/protocol/problem';
import { STREAM_ERRORS } from '@wheelhouse/protocol/stream-event';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { TestServer } from '../harness/server.ts';

const ROOT = path.resolve(import.meta.dirname, '../..');

/**
 * What anybody may call: is it alive, the documentation, the published log, what everybody may know, the console's files, and signing in. Everything
 * else asks who is there.
 */
const PUBLIC = [
  '/health/live',
  '/health/ready',
  '/log/',
  '/v1/transparency',
  '/.well-known/authzen-configuration',
  '/docs',
  '/api/auth/',
  '/assets/',
];
const PAGES = ['/', '/talk', '/sessions', '/sign-in', '/welcome'];

const OpenApi = z.object({ paths: z.record(z.string(), z.record(z.string(), z.unknown())) });
const ROUTE = /@(Get|Post|Put|Patch|Delete|All|Head|Options)\((?:'([^']*)')?\)/g;

/** The routes that the controllers' sources declare: what the documentation leaves out must not be forgotten. */
function declared(): string[] {
  const sources = readdirSync(path.join(ROOT, 'apps/api/src'), { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('.controller.ts'),
  );
  return sources.flatMap((name) => {
    const text = readFileSync(path.join(ROOT, 'apps/api/src', name), 'utf8');
    const base = /@Controller\((?:'([^']*)')?\)/.exec(text)?.[1] ?? '';
    return [...text.matchAll(ROUTE)].map((match) =>
      `${match[1]?.toUpperCase() ?? ''} /${[base, match[2] ?? ''].filter(Boolean).join('/')}`
        .replace(/[:*](\w+)/g, '{$1}')
        .replace(/\*$/, '{path}'),
    );
  });
}

describe('every route', () => {
  let server: TestServer;
  let routes: { readonly method: string; readonly path: string }[] = [];

  beforeAll(async () => {
    // With everything switched on that brings routes of its own.
    server = await TestServer.start({ WHEELHOUSE_PUBLIC_LOG: 'true', WHEELHOUSE_TRANSPARENCY: 'true' });
    const { paths } = OpenApi.parse(await (await fetch(`${server.url}/docs/openapi.json`)).json());
    routes = Object.entries(paths).flatMap(([at, methods]) =>
      Object.keys(methods).map((method) => ({ method: method.toUpperCase(), path: at })),
    );
  });
  afterAll(() => server.dispose());

  const isPublic = (at: string) => PUBLIC.some((prefix) => at.startsWith(prefix)) || PAGES.includes(at);
  const address = (at: string) => `${server.url}${at.replace(/\{\w+\}/g, '00000000-0000-4000-8000-000000000000')}`;

  it('is documented', () => {
    expect(routes.map(({ method, path: at }) => `${method} ${at}`).sort()).toEqual(declared().sort());
    expect(routes.length).toBeGreaterThan(25);
  });

  it('asks who is there, unless it is on the list of public ones', async () => {
    for (const headers of [
      {},
      { authorization: 'Bearer wh_made_up' },
      { authorization: 'Basic eDp5' },
      { cookie: 'better-auth.session_token=made.up' },
    ]) {
      for (const route of routes.filter((one) => !isPublic(one.path))) {
        const body = route.method === 'POST' ? { body: '{}', headers: { ...headers, 'content-type': 'application/json' } } : { headers };
        const response = await fetch(address(route.path), { method: route.method, ...body });
        const what = `${route.method} ${route.path} with ${JSON.stringify(headers)}`;
        expect(response.status, what).toBe(401);
        expect(response.headers.get('content-type'), what).toContain('application/problem+json');
        expect(Problem.parse(await response.json()).code, what).toBe('unauthenticated');
      }
    }
  });

  it('is public only where nothing is told but what everybody may know, and nothing done', async () => {
    for (const route of routes.filter((one) => isPublic(one.path)))
      expect(`${route.method} ${route.path}`).toMatch(/^GET \/((health|log)\/|v1\/transparency$|\.well-known\/authzen-configuration$)/);
    // The sign-in library's own routes for keys and accounts are closed: they would pass by abilities and ledger.
    for (const closed of [
      'api-key/create',
      'api-key/update',
      'api-key/delete',
      'sign-up/email',
      'sign-in/magic-link',
      'delete-user',
      'change-email',
      'update-user',
    ]) {
      const response = await fetch(`${server.url}/api/auth/${closed}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', origin: server.url },
        body: '{}',
      });
      expect(response.status, closed).toBeGreaterThanOrEqual(400);
      expect(response.status, closed).toBeLessThan(500);
    }
  });

  it('has neighbours that do not exist, and says so in the same form', async () => {
    for (const at of ['/v1', '/v1/none', '/v1/orders/x/y', '/v2/orders', '/.env', '/v1/../../etc/passwd', '/%2e%2e/secrets.json']) {
      const response = await fetch(`${server.url}${at}`);
      expect(response.status, at).toBe(404);
      expect(Problem.parse(await response.json()).code, at).toBe('not_found');
    }
  });
});

describe('every error code', () => {
  const page = readFileSync(path.join(ROOT, 'docs/errors.md'), 'utf8');
  const tests = ['test/laws', 'test/faults', 'test/harness', 'test/e2e', 'test/conformance', 'libs/session/src', 'libs/gate/src']
    .flatMap((folder) => readdirSync(path.join(ROOT, folder), { encoding: 'utf8' }).map((name) => path.join(ROOT, folder, name)))
    .filter((file) => /\.test\.ts$|bad-frames\.ts$/.test(file))
    .map((file) => readFileSync(file, 'utf8'))
    .join('\n');

  it.each([...PROBLEM_CODES, ...STREAM_ERRORS])('%s is on the page of errors', (code) => {
    expect(page.split('\n').filter((line) => line.startsWith(`| \`${code}\` `))).toHaveLength(1);
  });

  it.each([...PROBLEM_CODES.filter((code) => !['rate_limited', 'stopping', 'internal'].includes(code)), ...STREAM_ERRORS])(
    '%s is met in a test',
    (code) => {
      expect(tests).toContain(`'${code}'`);
    },
  );
});
