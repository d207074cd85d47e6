import { pino } from 'pino';
import { beforeEach, describe, expect, it } from 'vitest';
import type { JobLineParts } from '../jobs/job-room.ts';
import { ChannelSecrets } from './channel-secrets.ts';
import { DeliveryError } from './delivery-error.ts';
import { DeliveryLine } from './delivery-line.ts';
import { MemoryRecords } from './memory-records.ts';
import type { Parcel } from './parcel.ts';
import type { ChannelRow, DeliveryRow, NoticeRow } from './records.ts';

const RETRY_MS = [10_000, 60_000];
const secrets = new ChannelSecrets('a secret of a test');

/** The queue of jobs, run by hand: `next` does the one that is due first, at its time. */
class Jobs {
  readonly waiting: { id: string; at: number }[] = [];
  readonly stop = new AbortController();
  clock = 0;
  #work: JobLineParts['work'] = () => Promise.resolve();

  readonly open = ({ work }: JobLineParts) => {
    this.#work = work;
    const add = (id: string, delayMs = 0) => void this.waiting.push({ id, at: this.clock + delayMs });
    return Promise.resolve({ add, close: () => Promise.resolve() });
  };

  async next(): Promise<void> {
    this.waiting.sort((a, b) => a.at - b.at);
    const job = this.waiting.shift();
    if (job === undefined) throw new Error('no job waits');
    this.clock = Math.max(this.clock, job.at);
    await this.#work(job.id, this.stop.signal);
  }
}

let records: MemoryRecords;
let jobs: Jobs;
let sent: Parcel[];
/** What happens to each parcel, in order; afterwards they arrive. */
let fate: (Error | null)[];
let line: DeliveryLine;

function fill(channel: Partial<ChannelRow> = {}, delivery: Partial<DeliveryRow> = {}): void {
  const createdAt = new Date(0);
  const about = { title: 'A proposal waits.', path: '/approvals/1', urgent: false, readAt: null } as const;
  const notice: NoticeRow = { id: 'n', key: 'k', kind: 'vote_wanted', person: 'anna', createdAt, ...about };
  records.noticeRows.set('n', notice);
  const endpoint = secrets.seal('c', 'https://hooks.example.org/secret');
  const house = { kinds: [], enabled: true, createdBy: 'anna', createdAt, removedAt: null };
  records.channelRows.set('c', { id: 'c', kind: 'webhook', person: null, endpoint, ...house, ...channel });
  const untried = { state: 'waiting', attempts: 0, createdAt, lastAt: null, lastError: null, nextAt: createdAt } as const;
  records.deliveryRows.set('d', { id: 'd', notice: 'n', channel: 'c', ...untried, ...delivery });
}

beforeEach(async () => {
  records = new MemoryRecords();
  jobs = new Jobs();
  sent = [];
  fate = [];
  const send = (parcel: Parcel): Promise<void> => {
    sent.push(parcel);
    const end = fate.shift() ?? null;
    return end === null ? Promise.resolve() : Promise.reject(end);
  };
  const { deliveries, channels } = records;
  const senders = { email: send, web_push: send, slack: send, webhook: send };
  const now = () => new Date(jobs.clock);
  const log = pino({ level: 'silent' });
  line = new DeliveryLine({
    deliveries,
    channels,
    secrets,
    senders,
    jobs,
    retryMs: RETRY_MS,
    url: 'https://wheelhouse.example.org',
    now,
    log,
  });
  await line.open();
});

const row = () => records.deliveryRows.get('d');

describe('a delivery', () => {
  it('arrives, with a link into the console, and is done', async () => {
    fill();
    line.enqueue('d');
    line.enqueue('d');
    await jobs.next();
    expect(sent).toMatchObject([
      { delivery: 'd', endpoint: 'https://hooks.example.org/secret', link: 'https://wheelhouse.example.org/approvals/1' },
    ]);
    expect(row()).toMatchObject({ state: 'delivered', attempts: 1, lastError: null, nextAt: null });
    expect(jobs.waiting).toEqual([]);
    line.enqueue('d');
    await jobs.next();
    expect(sent).toHaveLength(1);
  });

  it('is tried again with growing pauses, each try recorded, and given up after the last', async () => {
    fill();
    fate = [new DeliveryError('answered 500'), new DeliveryError('answered 502'), new DeliveryError('answered 503')];
    line.enqueue('d');
    await jobs.next();
    expect(row()).toMatchObject({ state: 'failed', attempts: 1, lastError: 'answered 500', nextAt: new Date(10_000) });
    await jobs.next();
    expect(row()).toMatchObject({ state: 'failed', attempts: 2, lastError: 'answered 502', nextAt: new Date(70_000) });
    await jobs.next();
    expect(row()).toMatchObject({ state: 'gave_up', attempts: 3, lastError: 'answered 503', nextAt: null });
    expect(jobs.waiting).toEqual([]);
    expect(new Set(sent.map(({ delivery }) => delivery))).toEqual(new Set(['d']));
  });

  it('that was put into the queue too early waits for its time', async () => {
    fill({}, { state: 'failed', attempts: 1, nextAt: new Date(50_000) });
    line.enqueue('d');
    await jobs.next();
    expect([sent.length, jobs.waiting]).toEqual([0, [{ id: 'd', at: 50_000 }]]);
    await jobs.next();
    expect(row()?.state).toBe('delivered');
  });

  it('that failed by a bug of ours says so without its words', async () => {
    fill();
    fate = [new TypeError('the secret is hunter2')];
    line.enqueue('d');
    await jobs.next();
    expect(row()).toMatchObject({ state: 'failed', lastError: 'an error on our side; the log has it' });
  });

  it('is not counted when the server stops in the middle of it', async () => {
    fill();
    fate = [new Error('cut off')];
    line.enqueue('d');
    jobs.stop.abort(new Error('the server is stopping'));
    await expect(jobs.next()).rejects.toThrow('stopping');
    expect(row()).toMatchObject({ state: 'waiting', attempts: 0 });
  });

  it('is taken up again at the next start, at its time', async () => {
    fill({}, { state: 'failed', attempts: 1, nextAt: new Date(5000) });
    await line.open();
    expect(jobs.waiting).toEqual([{ id: 'd', at: 5000 }]);
  });
});

describe('a channel', () => {
  it('that was removed, switched off or came to be of another person gets nothing', async () => {
    for (const closed of [{ removedAt: new Date(0), endpoint: '' }, { enabled: false }, { person: 'bela' }]) {
      fill(closed);
      line.enqueue('d');
      await jobs.next();
      expect(row()).toMatchObject({ state: 'gave_up', lastError: 'the channel was removed or switched off' });
      expect(records.channelRows.get('c')).toMatchObject(closed);
    }
    expect(sent).toEqual([]);
  });

  it('of a browser that unsubscribed is removed', async () => {
    fill({ kind: 'web_push', person: 'anna' });
    fate = [new DeliveryError('the browser has unsubscribed', { gone: true })];
    line.enqueue('d');
    await jobs.next();
    expect(row()?.state).toBe('gave_up');
    expect(records.channelRows.get('c')).toMatchObject({ endpoint: '', removedAt: new Date(0) });
  });

  it('whose address was sealed under another secret gets nothing', async () => {
    fill({ endpoint: new ChannelSecrets('another').seal('c', 'https://hooks.example.org') });
    line.enqueue('d');
    await jobs.next();
    expect([row()?.state, sent.length]).toEqual(['gave_up', 0]);
  });
});
