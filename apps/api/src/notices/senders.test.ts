import { createDecipheriv, createECDH, hkdfSync, randomBytes } from 'node:crypto';
import { PushBody, WebhookBody } from '@wheelhouse/protocol/notice';
import { Webhook } from 'standardwebhooks';
import { describe, expect, it } from 'vitest';
import webPush from 'web-push';
import { ChannelSecrets } from './channel-secrets.ts';
import { DeliveryError } from './delivery-error.ts';
import { MemoryRecords } from './memory-records.ts';
import type { Parcel } from './parcel.ts';
import type { Post, PostRequest } from './post.ts';
import type { NoticeRow } from './records.ts';
import { mailSender } from './send-mail.ts';
import { pushSender } from './send-push.ts';
import { slackSender } from './send-slack.ts';
import { webhookSender } from './send-webhook.ts';

const { signal } = new AbortController();
const NOTICE: NoticeRow = {
  id: '7f0a4a8e-8f0c-4c58-9c8e-0f6f0f3a2b11',
  key: 'a key that stays inside',
  kind: 'glass_broken',
  title: 'Glass was broken <now> & is under review.',
  path: '/approvals/1',
  urgent: true,
  person: 'anna',
  createdAt: new Date(1_000_000),
  readAt: null,
};
const LINK = 'https://wheelhouse.example.org/approvals/1';
const parcel = (endpoint: string): Parcel => ({ delivery: 'd', channel: 'c', notice: NOTICE, link: LINK, endpoint });

/** A receiver that answers with a status and keeps what came. */
function receiver(status: number): { post: Post; got: PostRequest[] } {
  const got: PostRequest[] = [];
  return { got, post: (request) => Promise.resolve(got.push(request)).then(() => status) };
}

describe('a webhook', () => {
  const secrets = new ChannelSecrets('a secret of a test');
  const now = () => new Date();

  it('is signed as Standard Webhooks says, and carries no more than it should', async () => {
    const { post, got } = receiver(200);
    await webhookSender({ post, secrets, now })(parcel('https://hooks.example.org/1'), signal);
    const [request] = got;
    if (request === undefined) throw new Error('nothing was posted');
    const { url, headers, body } = request;
    expect(url).toBe('https://hooks.example.org/1');
    const opened = WebhookBody.parse(new Webhook(secrets.signingSecret('c')).verify(body, { ...headers }));
    expect(opened.data).toEqual({ kind: 'glass_broken', title: NOTICE.title, url: LINK, person: 'anna', urgent: true });
    expect(() => new Webhook(secrets.signingSecret('another')).verify(body, { ...headers })).toThrow();
    expect(headers['webhook-id']).toBe('msg_d');
  });

  it('fails with the status alone when it is not taken', async () => {
    for (const status of [199, 302, 400, 500]) {
      const { post } = receiver(status);
      await expect(webhookSender({ post, secrets, now })(parcel('https://x.example.org'), signal)).rejects.toThrow(`answered ${status}`);
    }
  });
});

describe('Slack', () => {
  it('gets one text with the title, its markup defused, and the link', async () => {
    const { post, got } = receiver(200);
    await slackSender(post)(parcel('https://hooks.example.org/1'), signal);
    expect(JSON.parse(String(got[0]?.body))).toEqual({ text: `*Urgent:* Glass was broken &lt;now&gt; &amp; is under review.\n${LINK}` });
  });
});

describe('a push', () => {
  const browser = createECDH('prime256v1');
  const p256dh = browser.generateKeys();
  const auth = randomBytes(16);
  const keys = { p256dh: p256dh.toString('base64url'), auth: auth.toString('base64url') };
  const subscription = JSON.stringify({ endpoint: 'https://push.example.org/1', keys });
  const sender = (post: Post) => pushSender({ post, keys: webPush.generateVAPIDKeys(), contact: 'mailto:x@example.org' });

  /** RFC 8291, as a browser does it. */
  function opened(body: Buffer): string {
    const salt = body.subarray(0, 16);
    const length = body[20] ?? 0;
    const server = body.subarray(21, 21 + length);
    const shared = browser.computeSecret(server);
    const info = Buffer.concat([Buffer.from('WebPush: info\0'), p256dh, server]);
    const secret = Buffer.from(hkdfSync('sha256', shared, auth, info, 32));
    const key = Buffer.from(hkdfSync('sha256', secret, salt, 'Content-Encoding: aes128gcm\0', 16));
    const nonce = Buffer.from(hkdfSync('sha256', secret, salt, 'Content-Encoding: nonce\0', 12));
    const sealed = body.subarray(21 + length);
    const decipher = createDecipheriv('aes-128-gcm', key, nonce).setAuthTag(sealed.subarray(-16));
    const text = Buffer.concat([decipher.update(sealed.subarray(0, -16)), decipher.final()]);
    return text.subarray(0, text.lastIndexOf(2)).toString('utf8');
  }

  it('is encrypted for the browser and says title, page and kind', async () => {
    const { post, got } = receiver(201);
    await sender(post)(parcel(subscription), signal);
    const [request] = got;
    if (request === undefined || typeof request.body === 'string') throw new Error('nothing was posted');
    expect(request.body.includes('Glass')).toBe(false);
    expect(PushBody.parse(JSON.parse(opened(request.body)))).toEqual({ title: NOTICE.title, path: NOTICE.path, kind: 'glass_broken' });
    expect(request.headers).toMatchObject({ Urgency: 'high', 'Content-Encoding': 'aes128gcm' });
    expect(request.headers['Authorization']).toMatch(/^vapid t=/);
    expect(request.reach).toBe('public');
  });

  it('to a browser that unsubscribed is over for good; to a service in trouble it is not', async () => {
    for (const [status, gone] of [
      [404, true],
      [410, true],
      [429, false],
      [500, false],
    ] as const) {
      const failed = await sender(receiver(status).post)(parcel(subscription), signal).catch((error: unknown) => error);
      expect(failed instanceof DeliveryError && failed.gone, String(status)).toBe(gone);
    }
  });
});

describe('mail', () => {
  const { addresses, mail } = new MemoryRecords();
  mail.set('anna', 'anna@example.org');

  it('goes to the person, under the same id each time', async () => {
    const sent: unknown[] = [];
    const sendMail = (message: object) => Promise.resolve(void sent.push(message));
    await mailSender({ sendMail, addresses, host: 'wheelhouse.example.org' })(parcel(''), signal);
    expect(sent).toEqual([
      {
        to: 'anna@example.org',
        subject: `[Wheelhouse] Urgent: ${NOTICE.title}`,
        text: expect.stringContaining(`${NOTICE.title}\n\n${LINK}\n`) as string,
        messageId: '<d@wheelhouse.example.org>',
      },
    ]);
  });

  it("keeps the mail server's words out of what is recorded", async () => {
    const refusal = Object.assign(new Error('550 anna@example.org is unknown'), { responseCode: 550 });
    const sendMail = () => Promise.reject(refusal);
    const sending = mailSender({ sendMail, addresses, host: 'x' })(parcel(''), signal);
    await expect(sending).rejects.toThrow(/^the mail server did not take it \(550\)$/);
  });

  it('is over where no mail is sent or the person has no address', async () => {
    const other = { ...parcel(''), notice: { ...NOTICE, person: 'bela' } };
    for (const sending of [
      mailSender({ sendMail: null, addresses, host: 'x' })(parcel(''), signal),
      mailSender({ sendMail: () => Promise.resolve(), addresses, host: 'x' })(other, signal),
    ])
      await expect(sending).rejects.toMatchObject({ gone: true });
  });

  it('is not waited for when the server stops', async () => {
    const stop = new AbortController();
    const sendMail = () => new Promise<void>(() => undefined);
    const sending = mailSender({ sendMail, addresses, host: 'x' })(parcel(''), stop.signal);
    setTimeout(() => {
      stop.abort(new Error('stopping'));
    }, 10);
    await expect(sending).rejects.toThrow('stopping');
  });
});
