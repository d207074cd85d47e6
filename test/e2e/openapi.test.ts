import path from 'node:path';
import { PROBLEM_CODES } from '@wheelhouse/protocol/problem';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { ApiContract, type Exchange, overhear } from '../harness/api-contract.ts';
import { Chamber } from '../harness/chamber.ts';
import type { SignedIn } from '../harness/server.ts';
import { peopleOf, type TenantPeople, type TenantThings, thingsOf } from '../harness/tenant-things.ts';
import { until } from '../harness/until.ts';

const HOOK = path.resolve(import.meta.dirname, '../harness/route-hook.ts');
/** What is no API: the console's files and pages, the documentation itself, and signing in, which is the sign-in library's own. */
const NOT_THE_API = /^\/(api\/auth\/\*|docs(\/.*|-json|-yaml)?|assets\/.*|[\w.-]+\.(html|js|svg|png|ico|txt|webmanifest|json)|)$/;
const PAGES =
  /^\/(talk|sessions|ledger|content|approvals|actions|channels|charter|transparency|policy|developers?|sign-in|welcome)(\/\*)?$/;

const Page = z.object({ items: z.array(z.unknown()), next: z.string().nullable() });

describe('the OpenAPI document', () => {
  let chamber: Chamber;
  let url = '';
  let house: SignedIn;
  let acme: TenantPeople;
  let things: TenantThings;
  let contract: ApiContract;
  let hear: () => void;
  const exchanges: Exchange[] = [];

  beforeAll(async () => {
    const env = { WHEELHOUSE_PUBLIC_LOG: 'true', WHEELHOUSE_TRANSPARENCY: 'true', NODE_OPTIONS: `--import ${HOOK}` };
    hear = overhear(() => url, exchanges);
    chamber = await Chamber.open(3, undefined, env);
    url = chamber.server.url;
    house = chamber.person(0);
    acme = await peopleOf(chamber.server, house, 'acme');
    things = await thingsOf(chamber.server, acme, house);
    await until('the export', async () => (await house.api.export(things.export)).state === 'made');
    contract = new ApiContract(await (await fetch(`${chamber.server.url}/docs/openapi.json`)).json());
  });
  afterAll(async () => {
    hear();
    await chamber.dispose();
  });

  const get = (by: SignedIn, at: string) => fetch(`${chamber.server.url}${at}`, { headers: { cookie: by.cookie } });

  /** An address of a route, of things that are there. */
  const address = (at: string): string => {
    const ids: [string, string][] = [
      ['/v1/sessions/{id}', things.session],
      ['/v1/orders/{id}', things.order],
      ['/v1/proposals/{id}', things.proposal],
      ['/v1/exports/{id}', things.export],
      ['/v1/actions/{id}', things.action],
      ['/v1/webhooks/{id}', things.webhook],
      ['/v1/notice-channels/{id}', things.channel],
      ['/v1/ledger/entries/{index}', '3'],
      ['/v1/charter/seats/{seat}', 'operations-1'],
      ['/log/tile/{path}', '0/000.p/1'],
    ];
    const [prefix, id] = ids.find(([one]) => at.startsWith(one)) ?? ['', ''];
    const named = at.replace(prefix, prefix.replace(/\{\w+\}/, id));
    const query: Record<string, string> = {
      '/v1/charter/transitions': `?from=${new Date(Date.now() - 3_600_000).toISOString()}&until=${new Date().toISOString()}`,
      '/v1/ledger/proof/inclusion': '?index=2',
      '/v1/ledger/proof/consistency': '?from=1',
    };
    return `${named}${query[at] ?? ''}`;
  };

  it('is 3.1, and says of each route what it is for, what it takes, what it answers and how it refuses', () => {
    expect(contract.routes.length).toBeGreaterThan(80);
    for (const { method, path: at, operation } of contract.routes) {
      const route = `${method} ${at}`;
      const { responses, parameters, requestBody, security } = operation;
      const good = Object.entries(responses).filter(([status]) => /^2/.test(status));
      expect(good.length, route).toBeGreaterThan(0);
      for (const [status, { content }] of good) {
        if (status === '204') expect(content, route).toBeUndefined();
        else expect(Object.values(content ?? {})[0]?.schema, `${route} ${status}`).toBeDefined();
      }
      const problem = responses['default']?.content?.['application/problem+json']?.schema;
      expect(problem, route).toBeDefined();
      for (const code of PROBLEM_CODES)
        expect(contract.schema(problem ?? {}).safeParse({ type: 'x', title: 'x', status: 400, detail: 'x', code }).success, code).toBe(
          true,
        );
      const named = [...at.matchAll(/\{(\w+)\}/g)].map((match) => match[1]);
      expect(
        parameters.filter((one) => one.in === 'path').map(({ name }) => name),
        route,
      ).toEqual(named);
      if (requestBody !== undefined)
        expect(() => contract.schema(requestBody.content['application/json']?.schema ?? {}), route).not.toThrow();
      for (const one of security ?? contract.document.security)
        for (const scheme of Object.keys(one)) expect(Object.keys(contract.document.components.securitySchemes), route).toContain(scheme);
    }
  });

  it('names each schema that it refers to, and no reference leads out of it', () => {
    const text = JSON.stringify(contract.document);
    const references = [...text.matchAll(/"\$ref":"([^"]+)"/g)].map((match) => match[1] ?? '');
    for (const reference of references) expect(reference).toMatch(/^#\/components\/schemas\//);
    const known = Object.keys(contract.document.components.schemas);
    expect(references.filter((one) => !known.includes(one.split('/').at(-1) ?? ''))).toEqual([]);
  });

  it('has every route that the server has, and no other', () => {
    const registered = [...chamber.server.output.matchAll(/^ROUTE (\w+) (\S+)$/gm)].map((match) => ({
      method: match[1] ?? '',
      url: match[2] ?? '',
    }));
    const api = registered.filter(
      ({ method, url }) => method !== 'HEAD' && method !== 'OPTIONS' && !NOT_THE_API.test(url) && !PAGES.test(url),
    );
    const documented = contract.routes.map((route) => `${route.method} ${route.path}`);
    const spelt = api.map(({ method, url }) => `${method} ${url.replace(/:(\w+)/g, '{$1}').replace(/\*$/, '{path}')}`);
    expect([...new Set(spelt)].sort()).toEqual(documented.sort());
  });

  it('says who may call without signing in', async () => {
    for (const { method, path: at, operation } of contract.routes.filter((route) => route.method === 'GET')) {
      const { status } = await fetch(`${chamber.server.url}${address(at)}`);
      if (operation.security?.length === 0) expect(status === 401 && at !== '/v1/exports/{id}/file', `${method} ${at}`).toBe(false);
      else expect(status, `${method} ${at}`).toBe(401);
    }
  });

  it('is what every GET answers, to each of those who may ask', async () => {
    const silent: string[] = [];
    for (const { path: at } of contract.routes.filter(({ method }) => method === 'GET')) {
      const statuses = await Promise.all(
        [house, ...Object.values(acme)].map(async (by) => {
          const answer = await get(by, address(at));
          await answer.arrayBuffer();
          return answer.status;
        }),
      );
      if (!statuses.some((status) => status === 200)) silent.push(`${at} ${statuses.join()}`);
    }
    // Nobody hands a seat over; the session was never attached, so that nothing was said or shown in it; links are given out by POST.
    expect(silent.map((one) => one.split(' ')[0])).toEqual([
      '/v1/charter/seats/{seat}/handover',
      '/v1/sessions/{id}/recording.wav',
      '/v1/sessions/{id}/video.mkv',
      '/v1/sessions/{id}/video',
      '/v1/sessions/{id}/transcript',
      '/v1/exports/{id}/file',
    ]);
  });

  it('is what a link to an export gives', async () => {
    const { url: link } = await house.api.exportLink(things.export);
    const whole = await fetch(link);
    expect(whole.status).toBe(200);
    expect((await fetch(link, { headers: { range: 'bytes=0-3' } })).status).toBe(206);
    expect((await whole.arrayBuffer()).byteLength).toBeGreaterThan(4);
  });

  it('is how pages follow each other: by `cursor`, each thing once, in one order', async () => {
    const lists = contract.routes.filter(
      ({ method, operation }) => method === 'GET' && operation.parameters.some(({ name }) => name === 'cursor'),
    );
    expect(lists.length).toBeGreaterThan(8);
    // Every list with a `next` takes a cursor.
    for (const { path: at, operation } of contract.routes)
      if (JSON.stringify(operation.responses['200'] ?? {}).includes('"next"')) expect(lists.map((list) => list.path)).toContain(at);
    for (const { path: at } of lists) {
      for (const by of [house, acme.operator, acme.developer]) {
        const whole = await get(by, `${address(at)}?limit=200`);
        if (whole.status !== 200) continue;
        const { items, next } = Page.parse(await whole.json());
        expect(next, at).toBeNull();
        const one: unknown[] = [];
        let cursor: string | null = '';
        while (cursor !== null && one.length <= items.length + 1) {
          const step = await get(by, `${address(at)}?limit=1${cursor === '' ? '' : `&cursor=${encodeURIComponent(cursor)}`}`);
          const page = Page.parse(await step.json());
          one.push(...page.items);
          cursor = page.next;
        }
        expect(one.map(idOf), at).toEqual(items.map(idOf));
      }
    }
  });

  it('is what went over the wire, all this time', async () => {
    // Refusals too: of what is not there, of who may not, of bodies that say nothing.
    for (const { method, path: at } of contract.routes) {
      const missing = at.replace(/\{(index|path|seat|id)\}/g, '00000000-0000-4000-8000-000000000000');
      const body =
        method === 'POST' ? { body: '{"nothing":0}', headers: { cookie: house.cookie, 'content-type': 'application/json' } } : {};
      if (method === 'DELETE' || method === 'POST')
        await fetch(`${chamber.server.url}${missing}`, { method, headers: { cookie: house.cookie }, ...body });
    }
    expect(exchanges.length).toBeGreaterThan(300);
    const api = exchanges.filter(({ path: at }) => !at.startsWith('/api/auth/') && !at.startsWith('/docs'));
    expect([...new Set(api.map((exchange) => contract.fault(exchange)).filter((fault) => fault !== null))]).toEqual([]);
    const answered = new Set(api.filter(({ status }) => status < 300).map(({ method, path: at }) => contract.route(method, at)?.path));
    expect(answered.size).toBeGreaterThan(50);
  });
});

function idOf(item: unknown): unknown {
  const { id, order, index, size } = z
    .looseObject({ id: z.unknown(), order: z.unknown(), index: z.unknown(), size: z.unknown() })
    .partial()
    .parse(item);
  return order ?? index ?? size ?? id;
}
