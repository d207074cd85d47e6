import { randomBytes, randomUUID } from 'node:crypto';
import { KEY_SCOPES, type Role, ROLES } from '@wheelhouse/protocol/identity';
import { OwnChannel } from '@wheelhouse/protocol/notice';
import { ActionClient } from '@wheelhouse/sdk/action-client';
import { Rest } from '@wheelhouse/sdk/rest';
import { z } from 'zod';
import { overseer, propose } from './founders.ts';
import type { SignedIn, TestServer } from './server.ts';

/** In each text that a tenant writes, so that it can be found wherever it should not be. */
export const MARK = 'quetzalcoatl';

const WithId = z.object({ id: z.string() });

/** The people of a tenant, one of each role. */
export type TenantPeople = Readonly<Record<Role, SignedIn>>;

export async function peopleOf(server: TestServer, by: SignedIn, tenant: string): Promise<TenantPeople> {
  const [operator, reviewer, developer, administrator] = await Promise.all(ROLES.map((role) => server.person(by, role, tenant)));
  if (operator === undefined || reviewer === undefined || developer === undefined || administrator === undefined)
    throw new Error('there are four roles');
  return { operator, reviewer, developer, administrator };
}

/** What a tenant has, by name: one of each thing that an address can name. */
export type TenantThings = Awaited<ReturnType<typeof thingsOf>>;

/**
 * Makes one of each thing that a tenant can have. Needs a charter in force, or there are no proposals. Exports and channels are
 * the `house`'s, here one about the tenant and one that is marked.
 */
export async function thingsOf(server: TestServer, people: TenantPeople, house: SignedIn) {
  const { operator, reviewer, developer } = people;
  const { person, tenant } = (await operator.api.me()).principal;
  const subject = `${tenant}/${MARK}`;
  const { session } = await developer.api.openSession({
    deployment: 'echo',
    subject: MARK,
    record: { what: ['audio'], retention: 'regulated', consent: MARK },
  });
  const other = await developer.api.openSession({});
  const key = await server.key(developer, [...KEY_SCOPES]);
  const order = randomUUID();
  await operator.api.order({ id: order, kind: 'mute', scope: { type: 'session', session: session.id }, reason: MARK });
  const second = randomUUID();
  await operator.api.order({ id: second, kind: 'hold', scope: { type: 'session', session: other.session.id }, reason: MARK });
  const release = await operator.api.askRelease({ id: randomUUID(), kind: 'release', latch: order, reason: MARK });
  const overseeing = await overseer(server, operator);
  const proposal = await propose(overseeing, { power: 'latch.release', latch: second }, MARK);
  const about = { filter: { session: session.id }, reason: MARK };
  const exported = await house.api.askExport({ format: 'csv', profile: 'no-people', ...about });
  const hold = await reviewer.api.placeHold({ id: randomUUID(), session: session.id, reason: MARK });
  const erasure = await reviewer.api.askErasure({ id: randomUUID(), subject, reason: MARK });
  const actions = new ActionClient(server.url, { key: key.key });
  const address = `https://hooks.invalid/${MARK}`;
  const webhook = await actions.makeWebhook({ url: address, description: MARK });
  const action = await actions.ask({ id: randomUUID(), tool: 'refund', arguments: { [MARK]: 1 }, reason: MARK, session: session.id });
  const channel = await new Rest(server.url, house).call('POST', '/v1/notice-channels', WithId, { kind: 'webhook', url: address });
  const keys = { p256dh: randomBytes(65).toString('base64url'), auth: randomBytes(16).toString('base64url') };
  const own = await new Rest(server.url, operator).call('POST', '/v1/me/notice-channels', OwnChannel, {
    kind: 'web_push',
    subscription: { endpoint: `https://push.example.org/${MARK}`, keys },
  });
  return {
    ...{ session: session.id, other: other.session.id, key: key.id, order, second, release: release.id, proposal: proposal.id },
    ...{ export: exported.id, hold: hold.id, erasure: erasure.id, webhook: webhook.id, action: action.id, digest: action.digest },
    ...{ channel: channel.id, own: own.id, person, subject },
  };
}
