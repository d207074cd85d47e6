import { KEY_SCOPES } from '@wheelhouse/protocol/identity';
import type { Credential } from '@wheelhouse/sdk/rest';
import { PolicyBundle } from '@wheelhouse/protocol/policy';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { Chamber } from '../harness/chamber.ts';
import { ANSWERED, type Attempt, type Foreign, IN_BODY, NAMED, OWN, SHOWN_IN_PART } from '../harness/foreign-attempts.ts';
import { MARK, peopleOf, type TenantPeople, type TenantThings, thingsOf } from '../harness/tenant-things.ts';
import { until } from '../harness/until.ts';

const ACME = 'acme';
const GLOBEX = 'globex';
/** Published for everybody where the installation chooses so; entries with what was typed are in it. */
const PUBLIC_LOG = ['GET /log/checkpoint', 'GET /log/tile/{path}'];

const OpenApi = z.object({ paths: z.record(z.string(), z.record(z.string(), z.unknown())) });
const Policy = z.object({ bundle: PolicyBundle });
const Found = z.object({ items: z.array(z.object({ index: z.number() })) });
const People = z.object({ items: z.array(z.object({ id: z.string() })) });

/** What acme's own people (of exports and channels, the house's) see of acme: who looks, and where. */
function ownViews(people: TenantPeople, things: TenantThings, house: Credential): { by: Credential; at: string; shows: string }[] {
  const { operator, reviewer, developer, administrator } = people;
  return [
    { by: developer, at: `/v1/sessions/${things.session}`, shows: things.session },
    { by: developer, at: `/v1/sessions/${things.other}`, shows: things.other },
    { by: reviewer, at: `/v1/sessions/${things.session}/content`, shows: things.session },
    { by: operator, at: `/v1/sessions/${things.session}/supervision`, shows: '[]' },
    { by: developer, at: '/v1/keys', shows: things.key },
    { by: operator, at: `/v1/orders/${things.order}`, shows: things.order },
    { by: operator, at: '/v1/orders', shows: things.second },
    { by: operator, at: '/v1/latches', shows: things.order },
    { by: operator, at: '/v1/releases', shows: things.release },
    { by: operator, at: `/v1/proposals/${things.proposal}`, shows: things.proposal },
    { by: operator, at: '/v1/proposals?list=all', shows: things.proposal },
    { by: house, at: `/v1/exports/${things.export}`, shows: things.export },
    { by: house, at: '/v1/exports', shows: things.export },
    { by: reviewer, at: '/v1/holds', shows: things.hold },
    { by: reviewer, at: '/v1/erasures', shows: things.erasure },
    { by: operator, at: `/v1/actions/${things.action}`, shows: MARK },
    { by: developer, at: '/v1/webhooks', shows: things.webhook },
    { by: house, at: '/v1/notice-channels', shows: things.channel },
    { by: operator, at: '/v1/me/notice-channels', shows: things.own },
    { by: operator, at: '/v1/notices', shows: 'items' },
    { by: administrator, at: '/v1/people', shows: things.person },
    { by: reviewer, at: `/v1/ledger/search?session=${things.session}`, shows: things.session },
  ];
}

describe('what one tenant has', () => {
  let chamber: Chamber;
  let acme: TenantPeople;
  let things: TenantThings;
  let foreign: Foreign;
  let routes: string[] = [];
  /** Everybody at globex, by name. */
  let strangers: { name: string; by: Credential }[] = [];
  /** Words that nobody at globex may be shown. */
  let secrets: string[] = [];
  /** Of these, what is not public in an entry of the ledger either: bare ids of sessions, orders and the like are, so that anybody can verify. */
  let sealed: string[] = [];

  const ask = async (by: Credential, method: string, { at, body }: Attempt): Promise<{ status: number; text: string }> => {
    const credential: Record<string, string> = 'key' in by ? { authorization: `Bearer ${by.key}` } : { cookie: by.cookie };
    const json = body === undefined ? {} : { body: JSON.stringify(body) };
    const headers = { ...credential, ...(body === undefined ? {} : { 'content-type': 'application/json' }) };
    const answer = await fetch(`${chamber.server.url}${at}`, { method, headers, ...json });
    return { status: answer.status, text: await answer.text() };
  };
  const read = async (by: Credential, at: string): Promise<unknown> => JSON.parse((await ask(by, 'GET', { at })).text);

  /** What an answer has of acme's that its request did not name. */
  const leaked = (text: string, { at, body }: Attempt): string[] => {
    const said = `${at}${JSON.stringify(body)}`;
    return (at.startsWith('/v1/ledger/entries') ? sealed : secrets).filter((secret) => text.includes(secret) && !said.includes(secret));
  };

  const tryAll = async (tries: Readonly<Record<string, (thing: Foreign) => readonly Attempt[]>>, allowed: (status: number) => boolean) => {
    const wrong: string[] = [];
    for (const route of routes.filter((one) => one in tries)) {
      const [method = ''] = route.split(' ');
      for (const attempt of tries[route]?.(foreign) ?? []) {
        for (const { name, by } of strangers) {
          const { status, text } = await ask(by, method, attempt);
          const leaks = leaked(text, attempt);
          if (!allowed(status) || leaks.length > 0)
            wrong.push(`${route} ${JSON.stringify(attempt)} by ${name}: ${status} ${leaks.join(' ')} ${text.slice(0, 300)}`);
        }
      }
    }
    return wrong;
  };

  beforeAll(async () => {
    chamber = await Chamber.open(3, undefined, { WHEELHOUSE_PUBLIC_LOG: 'true', WHEELHOUSE_TRANSPARENCY: 'true' });
    const { server } = chamber;
    const first = chamber.person(0);
    acme = await peopleOf(server, first, ACME);
    const globex = await peopleOf(server, first, GLOBEX);
    things = await thingsOf(server, acme, first);
    await until('the export', async () => (await first.api.export(things.export)).state === 'made');
    const { items: entries } = Found.parse(await read(acme.administrator, '/v1/ledger/search?limit=200'));
    const { items: people } = People.parse(await read(acme.administrator, '/v1/people'));
    const { bundle } = Policy.parse(await read(first, '/v1/policy'));
    foreign = { ...things, tenant: ACME, entries: entries.map(({ index }) => index), bundle };
    sealed = [MARK, ACME, ...people.map(({ id }) => id)];
    secrets = [...sealed, ...Object.values(things)];
    const keys = await Promise.all([globex.administrator, globex.developer].map((holder) => server.key(holder, [...KEY_SCOPES])));
    strangers = [
      ...Object.entries(globex).map(([name, by]) => ({ name, by })),
      ...keys.map(({ key }, i) => ({ name: `key ${i + 1}`, by: { key } })),
    ];
    const { paths } = OpenApi.parse(await (await fetch(`${server.url}/docs/openapi.json`)).json());
    routes = Object.entries(paths).flatMap(([at, methods]) => Object.keys(methods).map((method) => `${method.toUpperCase()} ${at}`));
  });
  afterAll(() => chamber.dispose());

  it('is tried for on every route that there is', () => {
    const known = { ...NAMED, ...SHOWN_IN_PART, ...IN_BODY, ...ANSWERED };
    const isTried = (route: string) =>
      route in known || OWN.has(route) || PUBLIC_LOG.includes(route) || (route.startsWith('GET ') && !route.includes('{'));
    // A new route has to say in test/harness/foreign-attempts.ts how another tenant's things are tried for through it.
    expect(routes.filter((route) => !isTried(route))).toEqual([]);
    expect([...Object.keys(known), ...OWN].filter((route) => !routes.includes(route))).toEqual([]);
  });

  it('is there, for its own people', async () => {
    for (const { by, at, shows } of ownViews(acme, things, chamber.person(0))) {
      const { status, text } = await ask(by, 'GET', { at });
      expect(status, at).toBe(200);
      expect(text, at).toContain(shows);
    }
    expect(foreign.entries.length).toBeGreaterThan(8);
  });

  it('is nothing to another tenant, whoever asks there, and stays as it was', async () => {
    const views = () => Promise.all(ownViews(acme, things, chamber.person(0)).map(({ by, at }) => read(by, at)));
    const before = await views();
    const pages = routes.filter((route) => /^GET [^{]*$/.test(route) && !(route in ANSWERED) && !PUBLIC_LOG.includes(route));
    const wrong = [
      // By its id (a link that nobody gave is 401), and by bodies that name it: of an id that is taken, that is all that is said.
      ...(await tryAll(NAMED, (status) => [401, 403, 404].includes(status))),
      ...(await tryAll(IN_BODY, (status) => [403, 404, 409].includes(status))),
      ...(await tryAll(SHOWN_IN_PART, (status) => [200, 403].includes(status))),
      ...(await tryAll(ANSWERED, (status) => status < 500)),
      // Every other page and list.
      ...(await tryAll(Object.fromEntries(pages.map((route) => [route, () => [{ at: route.slice(4) }]])), (status) => status < 500)),
    ];
    expect(wrong).toEqual([]);
    expect(await views()).toEqual(before);
  });
});
