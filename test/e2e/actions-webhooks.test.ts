import { randomUUID } from 'node:crypto';
import { WebhookEvent, type WebhookWithSecret } from '@wheelhouse/protocol/webhook';
import { ActionClient } from '@wheelhouse/sdk/action-client';
import { Webhook } from 'standardwebhooks';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TestDatabase } from '../harness/database.ts';
import { Receiver } from '../harness/receiver.ts';
import { refused } from '../harness/refused.ts';
import { type SignedIn, TestServer } from '../harness/server.ts';
import { until } from '../harness/until.ts';

const CALL = { tool: 'refund', arguments: { order: 'quetzal-4711' } };

describe('webhooks for decisions', () => {
  let server: TestServer;
  let receiver: Receiver;
  let admin: SignedIn;
  let human: ActionClient;
  let asker: ActionClient;
  let webhook: WebhookWithSecret;

  beforeAll(async () => {
    server = await TestServer.start({ WHEELHOUSE_NOTICE_RETRY_MS: '100,100' });
    receiver = await Receiver.listen();
    admin = await server.firstOperator();
    human = as(await server.person(admin, 'operator'));
    asker = new ActionClient(server.url, { key: (await server.key(admin, ['actions:ask'])).key });
    webhook = await as(admin).makeWebhook({ url: `${receiver.url}/decisions?token=hidden`, description: 'Billing' });
  });
  afterAll(async () => {
    receiver.close();
    await server.dispose();
  });

  const as = ({ cookie }: SignedIn) => new ActionClient(server.url, { cookie });
  const opened = (secret: string, at: number) => {
    const got = receiver.got[at];
    if (got === undefined) throw new Error('nothing arrived');
    return WebhookEvent.parse(new Webhook(secret).verify(got.body, { ...got.headers }));
  };
  const decidedOne = async () => {
    const asked = await asker.ask({ id: randomUUID(), ...CALL, webhook: webhook.id });
    await human.decide(asked.id, { outcome: 'edit', digest: asked.digest, arguments: { order: 'quetzal-4712' } });
    return asked;
  };

  it('are told of a decision once, signed, and without what it is about', async () => {
    const asked = await decidedOne();
    await until('the webhook', () => receiver.got.length === 1);
    const event = opened(webhook.secret, 0);
    if (event.type !== 'action.decided') throw new Error('another event came');
    expect(event.data).toMatchObject({ id: asked.id, state: 'edited', digest: asked.digest, session: null });
    expect(event.data.edited).toMatch(/^[0-9a-f]{64}$/);
    expect(receiver.got[0]?.body).not.toContain('quetzal');
    expect(() => opened(`whsec_${Buffer.alloc(32).toString('base64')}`, 0)).toThrow();
    const items = await until('the delivery to be recorded', async () => {
      const page = await as(admin).webhookDeliveries(webhook.id);
      return page.items[0]?.state === 'delivered' && page.items;
    });
    expect(items).toMatchObject([{ type: 'action.decided', action: asked.id, state: 'delivered', attempts: 1 }]);
  });

  it('are tried again, under the same id and with the same body, until they arrive or it is given up', async () => {
    receiver.answers = [500, 404, 200];
    await decidedOne();
    await until('three tries', () => receiver.got.length === 4);
    const tries = receiver.got.slice(1);
    expect(new Set(tries.map(({ headers }) => headers['webhook-id'])).size).toBe(1);
    expect(new Set(tries.map(({ body }) => body)).size).toBe(1);
    receiver.answers = [500];
    await decidedOne();
    const last = await until('it to be given up', async () => {
      const [newest] = (await as(admin).webhookDeliveries(webhook.id, '?limit=1')).items;
      return newest?.state === 'gave_up' ? newest : null;
    });
    expect(last).toMatchObject({ attempts: 3, lastError: 'answered 500', nextAt: null });
    receiver.answers = [200];
  });

  it('show their secret once, are signed with both for a day after it was made anew, and take a test', async () => {
    const listed = await as(admin).webhooks();
    expect(listed).toMatchObject([{ id: webhook.id, url: `${receiver.url}/decisions?…`, description: 'Billing', enabled: true }]);
    expect(JSON.stringify(listed)).not.toMatch(/whsec_|hidden/);
    const rotated = await as(admin).rotateWebhook(webhook.id);
    expect(rotated.secret).not.toBe(webhook.secret);
    const before = receiver.got.length;
    expect(await as(admin).testWebhook(webhook.id)).toMatchObject({ type: 'webhook.test', state: 'waiting' });
    await until('the test', () => receiver.got.length > before);
    for (const secret of [webhook.secret, rotated.secret]) expect(opened(secret, before).type).toBe('webhook.test');
    const stored = await new TestDatabase(server).query('SELECT row_to_json(webhook)::text AS row FROM webhook');
    expect(JSON.stringify(stored)).not.toMatch(/hidden|whsec_|127\.0\.0\.1/);
  });

  it('get nothing while they are off, and nothing once they are removed', async () => {
    await as(admin).changeWebhook(webhook.id, { enabled: false });
    const before = receiver.got.length;
    await decidedOne();
    await until('the delivery to be given up', async () => {
      const [newest] = (await as(admin).webhookDeliveries(webhook.id, '?limit=1')).items;
      return newest?.state === 'gave_up' && newest.lastError?.includes('switched off') === true;
    });
    expect(receiver.got.length).toBe(before);
    expect(await refused(as(admin).testWebhook(webhook.id))).toBe('conflict');
    await as(admin).removeWebhook(webhook.id);
    expect(await refused(asker.ask({ id: randomUUID(), ...CALL, webhook: webhook.id }))).toBe('not_found');
  });

  it('are everybody’s own: not another person’s, not another tenant’s', async () => {
    const mine = await as(admin).makeWebhook({ url: 'https://hooks.example.org/1' });
    for (const other of [as(await server.person(admin, 'developer')), as(await server.person(admin, 'administrator', 'globex'))]) {
      const tries = [
        () => other.changeWebhook(mine.id, { enabled: false }),
        () => other.rotateWebhook(mine.id),
        () => other.testWebhook(mine.id),
        () => other.webhookDeliveries(mine.id),
        () => other.removeWebhook(mine.id),
        () => other.ask({ id: randomUUID(), ...CALL, webhook: mine.id }),
      ];
      for (const attempt of tries) expect(await refused(attempt())).toBe('not_found');
      expect(await other.webhooks()).toEqual([]);
    }
    expect(await refused(human.makeWebhook({ url: 'https://hooks.example.org/1' }))).toBe('forbidden');
  });

  it('reach the house’s own network for its signed-in administrators alone', async () => {
    const developer = as(await server.person(admin, 'developer'));
    for (const url of [
      receiver.url,
      'https://127.0.0.1/',
      'https://10.0.0.8/',
      'https://[::1]/',
      'http://hooks.example.org/',
      'https://169.254.169.254/',
    ])
      for (const by of [developer, asker]) expect(await refused(by.makeWebhook({ url })), url).toBe('malformed');
    expect(await refused(as(admin).makeWebhook({ url: 'https://169.254.169.254/' }))).toBe('malformed');
    const outside = await asker.makeWebhook({ url: 'https://hooks.example.org/' });
    expect(await refused(asker.changeWebhook(outside.id, { url: receiver.url }))).toBe('malformed');
  });
});
