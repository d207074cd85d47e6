import { randomBytes } from 'node:crypto';
import { WebhookBody } from '@wheelhouse/protocol/notice';
import { NoticeClient } from '@wheelhouse/sdk/notice-client';
import { Webhook } from 'standardwebhooks';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { TestDatabase } from '../harness/database.ts';
import { OperatorLine } from '../harness/operator-line.ts';
import { Receiver } from '../harness/receiver.ts';
import { refused } from '../harness/refused.ts';
import { type SignedIn, TestServer } from '../harness/server.ts';
import { SmtpSink } from '../harness/smtp-sink.ts';
import { until } from '../harness/until.ts';

/** The last is long enough for a server to be killed and started in. */
const RETRY_MS = [200, 400, 5000];
const MAIL_FROM = 'Wheelhouse <wheelhouse@example.org>';

let server: TestServer;
let sink: SmtpSink;
let admin: SignedIn;
let anna: SignedIn;
let notices: NoticeClient;
const receivers: Receiver[] = [];

beforeAll(async () => {
  sink = await SmtpSink.listen();
  server = await TestServer.start({
    WHEELHOUSE_NOTICE_RETRY_MS: RETRY_MS.join(),
    WHEELHOUSE_SMTP_URL: sink.url,
    WHEELHOUSE_MAIL_FROM: MAIL_FROM,
  });
  admin = await server.firstOperator();
  anna = await server.person(admin, 'operator');
  notices = clientOf(admin);
});
afterAll(async () => {
  sink.close();
  await server.dispose();
});
afterEach(() => {
  for (const receiver of receivers.splice(0)) receiver.close();
});

const clientOf = ({ cookie }: SignedIn) => new NoticeClient(server.url, { cookie });

async function receiver(...answers: number[]): Promise<Receiver> {
  const one = await Receiver.listen();
  if (answers.length > 0) one.answers = answers;
  receivers.push(one);
  return one;
}

/** A delivery, once it is in this state. */
function delivery(channel: string, id: string, state: string) {
  return until(`the delivery to be ${state}`, async () =>
    (await notices.deliveries(channel)).items.find((one) => one.id === id && one.state === state),
  );
}

describe('a webhook', () => {
  it('arrives signed as Standard Webhooks says, with a link, and is recorded', async () => {
    const at = await receiver();
    const made = await notices.makeChannel({ kind: 'webhook', url: `${at.url}/hook` });
    const line = await OperatorLine.open(server.url, { cookie: admin.cookie });
    const { id } = await notices.testChannel(made.id);
    const done = await delivery(made.id, id, 'delivered');
    expect(done).toMatchObject({ kind: 'test', attempts: 1, lastError: null, nextAt: null });
    const [got] = at.got;
    if (got === undefined || made.secret === null) throw new Error('nothing arrived');
    const body = WebhookBody.parse(new Webhook(made.secret).verify(got.body, { ...got.headers }));
    const me = (await admin.api.me()).principal.person;
    expect(body.data).toMatchObject({ kind: 'test', url: `${server.url}/sessions`, person: me, urgent: false });
    expect(() => new Webhook(made.secret ?? '').verify(`${got.body} `, { ...got.headers })).toThrow();
    // In the consoles of that person it is shown at once, and listed until it is read.
    expect((await line.next('notice', (event) => event.data.id === done.notice)).data.kind).toBe('test');
    line.close();
    expect((await notices.notices('?unread')).items.map((one) => one.id)).toContain(done.notice);
    await notices.read({ ids: [done.notice] });
    expect((await notices.notices('?unread')).items.map((one) => one.id)).not.toContain(done.notice);
    expect((await clientOf(anna).notices()).items).toEqual([]);
  });

  it('whose receiver fails is tried again, each try recorded, under the same id, until it is taken', async () => {
    const at = await receiver(500, 302, 204);
    const { id: channel } = await notices.makeChannel({ kind: 'webhook', url: at.url });
    const { id } = await notices.testChannel(channel);
    const done = await delivery(channel, id, 'delivered');
    expect(done).toMatchObject({ attempts: 3, lastError: null });
    expect(new Set(at.got.map(({ headers }) => headers['webhook-id'])).size).toBe(1);
    expect(at.got.map(({ path }) => path)).toEqual(['/', '/', '/']);
    const pauses = at.got.slice(1).map((one, i) => one.at - (at.got[i]?.at ?? 0));
    expect(pauses[0]).toBeGreaterThanOrEqual(RETRY_MS[0] ?? 0);
    expect(pauses[1]).toBeGreaterThanOrEqual(RETRY_MS[1] ?? 0);
  });

  it('that is under way when the server is killed is taken up at the next start', async () => {
    const at = await receiver(500);
    const { id: channel } = await notices.makeChannel({ kind: 'webhook', url: at.url });
    const { id } = await notices.testChannel(channel);
    const failed = await until('three tries in vain', async () =>
      (await notices.deliveries(channel)).items.find((one) => one.id === id && one.attempts === 3),
    );
    expect(failed).toMatchObject({ state: 'failed', lastError: 'answered 500' });
    expect(Date.parse(failed.nextAt ?? '')).toBeGreaterThan(Date.now());
    await server.kill();
    at.answers = [200];
    await server.run();
    expect(await delivery(channel, id, 'delivered')).toMatchObject({ attempts: 4 });
    expect(at.got).toHaveLength(4);
    const [first, last] = [at.got[0], at.got[3]];
    expect(last?.headers['webhook-id']).toBe(first?.headers['webhook-id']);
  });

  it('is given up after the last try', async () => {
    const at = await receiver(503);
    const { id: channel } = await notices.makeChannel({ kind: 'webhook', url: at.url });
    const { id } = await notices.testChannel(channel);
    expect(await delivery(channel, id, 'gave_up')).toMatchObject({ attempts: 4, lastError: 'answered 503', nextAt: null });
  });

  it('is not made with an address where notices are not sent, and says why', async () => {
    for (const url of [
      'http://hooks.example.org/',
      'http://10.0.0.1/hook',
      'http://169.254.169.254/latest/meta-data',
      'https://169.254.169.254/',
      'https://user:password@hooks.example.org/',
      'file:///etc/passwd',
    ])
      expect(await refused(notices.makeChannel({ kind: 'webhook', url })), url).toBe('malformed');
    const asked = notices.makeChannel({ kind: 'webhook', url: 'http://hooks.example.org/' });
    await expect(asked).rejects.toThrow(/https:\/\//);
  });
});

describe('Slack', () => {
  it('gets one text with a link, and its address is shown to nobody', async () => {
    const at = await receiver();
    const made = await notices.makeChannel({ kind: 'slack', url: `${at.url}/services/T0/B0/hidden` });
    expect(made).toMatchObject({ url: `${at.url}/…`, secret: null });
    await delivery(made.id, (await notices.testChannel(made.id)).id, 'delivered');
    const [got] = at.got;
    expect([at.got.length, got?.path]).toEqual([1, '/services/T0/B0/hidden']);
    expect(JSON.parse(got?.body ?? '')).toEqual({ text: `This is a test: notices arrive here.\n${server.url}/sessions` });
    expect(JSON.stringify(await notices.channels())).not.toContain('hidden');
    const stored = await new TestDatabase(server).query('SELECT * FROM notice_channel');
    expect(JSON.stringify(stored)).not.toMatch(/hidden|whsec_/);
  });
});

describe('mail', () => {
  it("goes to the person's own address, is tried again, and can be switched off", async () => {
    const own = clientOf(anna);
    expect((await own.ownChannels()).mail).toBe('on');
    const channel = await own.setOwnChannel({ kind: 'email', enabled: true });
    sink.refuse = 1;
    const { id } = await own.testChannel(channel.id);
    await until('the mail', () => sink.mails[0]);
    const done = await until('its record', async () =>
      (await own.deliveries(channel.id)).items.find((one) => one.id === id && one.state === 'delivered'),
    );
    expect(done.attempts).toBe(2);
    const [mail] = sink.mails;
    expect(mail?.from).toBe('wheelhouse@example.org');
    expect(mail?.to).toEqual([expect.stringMatching(/^operator-.*@example\.org$/)]);
    expect(mail?.text).toContain(`${server.url}/sessions`);
    expect(mail?.text).toContain(`<${id}@localhost>`);
    await own.removeOwnChannel(channel.id);
    expect((await own.ownChannels()).mail).toBe('off');
    expect(await refused(own.testChannel(channel.id))).toBe('conflict');
  });

  it('does not go to the name that the first operator has instead of an address', async () => {
    expect((await notices.ownChannels()).mail).toBe('unavailable');
    expect(await refused(notices.setOwnChannel({ kind: 'email', enabled: true }))).toBe('conflict');
  });
});

describe('a browser', () => {
  const keys = { p256dh: randomBytes(65).toString('base64url'), auth: randomBytes(16).toString('base64url') };

  it('subscribes to a key that stays, and leaves again', async () => {
    const key = await notices.vapidKey();
    expect(Buffer.from(key, 'base64url')).toHaveLength(65);
    await server.stop();
    await server.run();
    expect(await notices.vapidKey()).toBe(key);
    const own = clientOf(anna);
    const made = await own.setOwnChannel({ kind: 'web_push', subscription: { endpoint: 'https://push.example.org/hidden', keys } });
    expect(made).toMatchObject({ kind: 'web_push', host: 'push.example.org' });
    expect(await refused(notices.removeOwnChannel(made.id))).toBe('not_found');
    expect(await refused(notices.testChannel(made.id))).toBe('not_found');
    await own.removeOwnChannel(made.id);
    expect((await own.ownChannels()).items.map(({ id }) => id)).not.toContain(made.id);
  });

  it('can not be one inside the house', async () => {
    for (const endpoint of ['http://127.0.0.1/', 'https://localhost/', 'https://192.168.0.1/'])
      expect(await refused(clientOf(anna).setOwnChannel({ kind: 'web_push', subscription: { endpoint, keys } })), endpoint).toBe(
        'malformed',
      );
  });
});

describe('what leaves', () => {
  it('has no secret, no key and no word that anybody typed', async () => {
    const at = await receiver();
    const typed = 'Words that an operator typed';
    await admin.api.order({ id: crypto.randomUUID(), kind: 'stop', scope: { type: 'everything' }, reason: typed });
    const slack = await notices.makeChannel({ kind: 'slack', url: `${at.url}/slack` });
    const webhook = await notices.makeChannel({ kind: 'webhook', url: `${at.url}/webhook` });
    for (const { id } of [slack, webhook]) await delivery(id, (await notices.testChannel(id)).id, 'delivered');
    const left = [...at.got.map(({ headers, body }) => JSON.stringify(headers) + body), ...sink.mails.map(({ text }) => text)].join('\n');
    expect(at.got).toHaveLength(2);
    for (const hidden of [typed, 'whsec_', webhook.secret?.slice(6) ?? '', 'session_token', 'First operator'])
      expect(left, hidden).not.toContain(hidden);
    expect(server.output).not.toContain(webhook.secret?.slice(6));
  });
});

describe('the channels of the house', () => {
  it('are for its administrators; keys have no notices at all', async () => {
    const at = await receiver();
    const { id } = await notices.makeChannel({ kind: 'webhook', url: at.url, kinds: ['glass_broken'] });
    const stranger = await server.person(admin, 'administrator', 'acme');
    for (const other of [clientOf(anna), clientOf(stranger)]) {
      expect(await refused(other.channels())).toBe('forbidden');
      expect(await refused(other.makeChannel({ kind: 'webhook', url: at.url }))).toBe('forbidden');
      expect(await refused(other.removeChannel(id))).toBe('forbidden');
      expect(await refused(other.testChannel(id))).toBe('not_found');
      expect(await refused(other.deliveries(id))).toBe('not_found');
    }
    const { key } = await server.key(admin, ['sessions:read', 'ledger:read']);
    const program = new NoticeClient(server.url, { key });
    for (const ask of [() => program.notices(), () => program.vapidKey(), () => program.ownChannels(), () => program.channels()])
      expect(await refused(ask())).toBe('forbidden');
    await notices.removeChannel(id);
    expect(await refused(notices.testChannel(id))).toBe('conflict');
    expect((await notices.channels()).map((one) => one.id)).not.toContain(id);
  });
});
