import type { Principal } from '@wheelhouse/protocol/identity';
import type { NoticeView } from '@wheelhouse/protocol/notice';
import { pino } from 'pino';
import { beforeEach, describe, expect, it } from 'vitest';
import { MemoryRecords } from './memory-records.ts';
import type { Notice } from './notice.ts';
import { NoticeDesk } from './notice-desk.ts';
import { Outbox } from './outbox.ts';
import type { ChannelKind, ChannelRow } from './records.ts';

const NOTICE: Notice = { kind: 'vote_wanted', title: 'A proposal waits for your vote.', path: '/approvals/1', urgent: true, key: 'one' };

function person(id: string): Principal {
  return { kind: 'person', id, person: id, name: id, role: 'operator', tenant: 'house' };
}

function channel(id: string, kind: ChannelKind, more: Partial<ChannelRow> = {}): ChannelRow {
  const at = new Date(0);
  return { id, kind, person: null, endpoint: '', kinds: [], enabled: true, createdBy: 'anna', createdAt: at, removedAt: null, ...more };
}

let records: MemoryRecords;
let shown: { notice: NoticeView; person: string }[];
let enqueued: string[];
let logged: string;
let clock: number;
let desk: NoticeDesk;

beforeEach(() => {
  records = new MemoryRecords();
  shown = [];
  enqueued = [];
  logged = '';
  clock = 1000;
  const { notices, channels, addresses } = records;
  const outbox = new Outbox({
    notices,
    show: (notice, to) => shown.push({ notice, person: to }),
    enqueue: (id) => enqueued.push(id),
  });
  const log = pino({ level: 'warn' }, { write: (line: string) => void (logged += line) });
  const now = () => new Date((clock += 1));
  desk = new NoticeDesk({ notices, channels, outbox, addresses, now, log, againMs: [1, 1] });
});

async function send(notice: Notice, ...to: string[]): Promise<void> {
  await desk.send(notice, to);
  await desk.settled();
}

const kindsSent = () => [...records.deliveryRows.values()].map((row) => records.channelRows.get(row.channel)?.kind).sort();

describe('a notice', () => {
  it('is stored for each person once, shown at once, and listed for nobody else', async () => {
    await send(NOTICE, 'anna', 'bela', 'anna');
    await send({ ...NOTICE, title: 'Said again.' }, 'anna', 'carl');
    expect(shown.map((one) => one.person)).toEqual(['anna', 'bela', 'carl']);
    const page = await desk.list(person('anna'), { unread: false, cursor: null, limit: 10 });
    expect(page.items.map(({ title }) => title)).toEqual([NOTICE.title]);
    expect(page.unread).toBe(1);
    expect((await desk.list(person('dora'), { unread: false, cursor: null, limit: 10 })).items).toEqual([]);
  });

  it('is listed newest first, by pages, and leaves the unread ones once it is read', async () => {
    for (const key of ['1', '2', '3', '4', '5']) await send({ ...NOTICE, key, title: key }, 'anna');
    const first = await desk.list(person('anna'), { unread: false, cursor: null, limit: 2 });
    const next = await desk.list(person('anna'), { unread: false, cursor: first.next, limit: 2 });
    const last = await desk.list(person('anna'), { unread: false, cursor: next.next, limit: 2 });
    expect([first, next, last].map(({ items }) => items.map(({ title }) => title))).toEqual([['5', '4'], ['3', '2'], ['1']]);
    expect(last.next).toBeNull();
    await desk.read(person('bela'), { all: true });
    await desk.read(person('anna'), { ids: first.items.map(({ id }) => id) });
    expect((await desk.list(person('anna'), { unread: true, cursor: null, limit: 10 })).items.map(({ title }) => title)).toEqual([
      '3',
      '2',
      '1',
    ]);
    await desk.read(person('anna'), { all: true });
    expect((await desk.list(person('anna'), { unread: true, cursor: null, limit: 10 })).unread).toBe(0);
  });
});

describe('deliveries', () => {
  it("go by a person's own channels and the house's, by those that want the kind", async () => {
    for (const one of [
      channel('w', 'webhook'),
      channel('other', 'webhook', { kinds: ['glass_broken'] }),
      channel('wanted', 'webhook', { kinds: ['vote_wanted'] }),
      channel('off', 'webhook', { enabled: false }),
      channel('gone', 'webhook', { removedAt: new Date(0) }),
      channel('push', 'web_push', { person: 'anna' }),
      channel('foreign', 'web_push', { person: 'bela' }),
    ])
      records.channelRows.set(one.id, one);
    await send(NOTICE, 'anna');
    expect([...records.deliveryRows.values()].map((row) => row.channel).sort()).toEqual(['push', 'w', 'wanted']);
    expect(enqueued.sort()).toEqual([...records.deliveryRows.keys()].sort());
  });

  it('come to a Slack channel once, and to a webhook for each person', async () => {
    records.channelRows.set('s', channel('s', 'slack'));
    records.channelRows.set('w', channel('w', 'webhook'));
    await send(NOTICE, 'anna', 'bela');
    await send(NOTICE, 'carl');
    expect(kindsSent()).toEqual(['slack', 'webhook', 'webhook', 'webhook']);
  });

  it('come by mail to whom mail reaches, unless they switched it off', async () => {
    records.mail.set('anna', 'anna@example.org').set('bela', 'bela@example.org');
    await send(NOTICE, 'anna', 'bela', 'carl');
    expect(kindsSent()).toEqual(['email', 'email']);
    for (const one of records.channelRows.values()) if (one.person === 'bela') records.channelRows.set(one.id, { ...one, enabled: false });
    await send({ ...NOTICE, key: 'two' }, 'anna', 'bela');
    expect(kindsSent()).toEqual(['email', 'email', 'email']);
  });
});

describe('send', () => {
  it('resolves at once and tries again while the database is away', async () => {
    records.away = true;
    await desk.send(NOTICE, ['anna']);
    expect(shown).toEqual([]);
    records.away = false;
    await desk.settled();
    expect(shown).toHaveLength(1);
    expect(logged).toContain('trying again');
  });

  it('says so when a notice is lost, or has not the form of one, and never throws', async () => {
    records.away = true;
    await send(NOTICE, 'anna');
    expect(logged).toContain('is lost');
    records.away = false;
    for (const wrong of [{ title: 'two\nlines' }, { title: '' }, { path: 'https://elsewhere' }, { path: '//elsewhere' }, { key: '' }]) {
      logged = '';
      await send({ ...NOTICE, ...wrong }, 'anna');
      expect(logged, JSON.stringify(wrong)).toContain('has not the form');
    }
    expect(shown).toEqual([]);
  });
});
