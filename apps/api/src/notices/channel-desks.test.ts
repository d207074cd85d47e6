import { randomBytes } from 'node:crypto';
import type { Principal } from '@wheelhouse/protocol/identity';
import { OwnChannelRequest } from '@wheelhouse/protocol/notice';
import { beforeEach, describe, expect, it } from 'vitest';
import { Refusal } from '../problem/refusal.ts';
import { ChannelDesk } from './channel-desk.ts';
import { ChannelSecrets, SealError } from './channel-secrets.ts';
import { MemoryRecords } from './memory-records.ts';
import { Outbox } from './outbox.ts';
import { OwnChannelDesk } from './own-channel-desk.ts';

const ANNA: Principal = { kind: 'person', id: 'anna', person: 'anna', name: 'Anna', role: 'administrator', tenant: 'house' };
const BELA: Principal = { ...ANNA, id: 'bela', person: 'bela', role: 'operator' };
const GUEST: Principal = { ...ANNA, id: 'guest', person: 'guest', tenant: 'acme' };

let records: MemoryRecords;
let own: OwnChannelDesk;
let house: ChannelDesk;
let enqueued: string[];
let clock: number;
const secrets = new ChannelSecrets('a secret of a test');

beforeEach(() => {
  records = new MemoryRecords();
  enqueued = [];
  clock = 0;
  const now = () => new Date((clock += 1));
  const { notices, channels, deliveries, addresses } = records;
  const outbox = new Outbox({ notices, show: () => undefined, enqueue: (id) => enqueued.push(id) });
  own = new OwnChannelDesk({ channels, secrets, addresses, vapidKey: 'a key', now });
  house = new ChannelDesk({ channels, deliveries, outbox, secrets, nameOf: (id) => id.toUpperCase(), now });
});

const codeOf = (asked: Promise<unknown>) =>
  asked.then(
    () => 'allowed',
    (error: unknown) => (error instanceof Refusal ? error.problem.code : 'thrown'),
  );
const keys = { p256dh: randomBytes(65).toString('base64url'), auth: randomBytes(16).toString('base64url') };
const browser = (endpoint: string) => ({ kind: 'web_push', subscription: { endpoint, keys } }) as const;

describe("a person's browser", () => {
  it('is there once, is shown by its service alone, and goes when it is removed', async () => {
    await own.set(ANNA, browser('https://push.example.org/secret'));
    const made = await own.set(ANNA, browser('https://push.example.org/secret'));
    expect((await own.list(ANNA)).items).toEqual([made]);
    expect(made.host).toBe('push.example.org');
    expect(JSON.stringify([...records.channelRows.values()])).not.toContain('secret');
    expect(await codeOf(own.remove(BELA, made.id))).toBe('not_found');
    await own.remove(ANNA, made.id);
    expect((await own.list(ANNA)).items).toEqual([]);
    expect(records.channelRows.get(made.id)?.endpoint).toBe('');
  });

  it('is the last person who subscribed on it', async () => {
    await own.set(ANNA, browser('https://push.example.org/1'));
    await own.set(BELA, browser('https://push.example.org/1'));
    expect([(await own.list(ANNA)).items.length, (await own.list(BELA)).items.length]).toEqual([0, 1]);
  });

  it('goes when there are ten newer ones', async () => {
    for (let i = 0; i < 12; i += 1) await own.set(ANNA, browser(`https://push.example.org/${i}`));
    expect((await own.list(ANNA)).items).toHaveLength(10);
  });

  it('is refused with an address inside the house, or keys that are none', async () => {
    for (const endpoint of ['http://push.example.org/1', 'https://127.0.0.1/1', 'https://10.0.0.1/1'])
      expect(await codeOf(own.set(ANNA, browser(endpoint)))).toBe('malformed');
    const short = { endpoint: 'https://push.example.org/1', keys: { ...keys, auth: 'AAAA' } };
    expect(OwnChannelRequest.safeParse({ kind: 'web_push', subscription: short }).success).toBe(false);
  });
});

describe('mail', () => {
  it('is on unless it was switched off, and unavailable without an address', async () => {
    expect((await own.list(ANNA)).mail).toBe('unavailable');
    expect(await codeOf(own.set(ANNA, { kind: 'email', enabled: true }))).toBe('conflict');
    records.mail.set('anna', 'anna@example.org');
    expect((await own.list(ANNA)).mail).toBe('on');
    const { id } = await own.set(ANNA, { kind: 'email', enabled: true });
    await own.remove(ANNA, id);
    expect((await own.list(ANNA)).mail).toBe('off');
    await own.set(ANNA, { kind: 'email', enabled: true });
    expect((await own.list(ANNA)).mail).toBe('on');
  });
});

describe("the house's channels", () => {
  it('are for its administrators alone', async () => {
    const request = { kind: 'webhook', url: 'https://hooks.example.org/1', kinds: [] } as const;
    for (const by of [BELA, GUEST]) {
      expect(await codeOf(house.make(by, { ...request, kinds: [] }))).toBe('forbidden');
      expect(await codeOf(house.list(by))).toBe('forbidden');
    }
    const { id } = await house.make(ANNA, { ...request, kinds: [] });
    for (const by of [BELA, GUEST]) {
      expect(await codeOf(house.remove(by, id))).toBe('forbidden');
      expect(await codeOf(house.test(by, id))).toBe('not_found');
      expect(await codeOf(house.deliveries(by, id, { cursor: null, limit: 10 }))).toBe('not_found');
    }
  });

  it('show their secret once, and never the secret parts of an address', async () => {
    const webhook = await house.make(ANNA, { kind: 'webhook', url: 'https://hooks.example.org/1?token=hidden', kinds: ['glass_broken'] });
    const slack = await house.make(ANNA, { kind: 'slack', url: 'https://hooks.example.org/services/hidden', kinds: [] });
    expect(webhook.secret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
    expect(webhook.secret).toBe(secrets.signingSecret(webhook.id));
    expect(slack.secret).toBeNull();
    const listed = await house.list(ANNA);
    expect(listed.map(({ url }) => url)).toEqual(['https://hooks.example.org/1?…', 'https://hooks.example.org/…']);
    expect(JSON.stringify([listed, ...records.channelRows.values()])).not.toMatch(/hidden|whsec_/);
  });

  it('are refused where notices are not sent', async () => {
    for (const url of [
      'http://hooks.example.org/',
      'http://169.254.169.254/',
      'https://169.254.169.254/',
      'https://a:b@hooks.example.org/',
    ])
      expect(await codeOf(house.make(ANNA, { kind: 'webhook', url, kinds: [] })), url).toBe('malformed');
  });

  it('are tested one at a time, and keep their deliveries when they are removed', async () => {
    const one = await house.make(ANNA, { kind: 'webhook', url: 'https://one.example.org/', kinds: ['glass_broken'] });
    await house.make(ANNA, { kind: 'slack', url: 'https://two.example.org/', kinds: [] });
    const delivery = await house.test(ANNA, one.id);
    expect(delivery).toMatchObject({ kind: 'test', state: 'waiting', attempts: 0 });
    expect(enqueued).toEqual([delivery.id]);
    await house.remove(ANNA, one.id);
    expect(await codeOf(house.test(ANNA, one.id))).toBe('conflict');
    expect((await house.deliveries(ANNA, one.id, { cursor: null, limit: 10 })).items.map(({ id }) => id)).toEqual([delivery.id]);
    expect((await house.list(ANNA)).map(({ kind }) => kind)).toEqual(['slack']);
  });
});

describe('a sealed address', () => {
  it('opens for its channel and its installation alone', () => {
    const sealed = secrets.seal('c', 'https://hooks.example.org');
    expect(secrets.open('c', sealed)).toBe('https://hooks.example.org');
    expect(() => secrets.open('another', sealed)).toThrow(SealError);
    expect(() => new ChannelSecrets('another').open('c', sealed)).toThrow(SealError);
    expect(secrets.openOrNull('c', `${sealed.slice(0, -8)}AAAAAAA=`)).toBeNull();
    expect(secrets.signingSecret('c')).not.toBe(secrets.signingSecret('d'));
  });
});
