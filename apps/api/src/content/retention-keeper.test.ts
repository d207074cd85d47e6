import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ContentKeeper } from './content-keeper.ts';
import type { StoredPiece } from './content-store.ts';
import { RetentionKeeper } from './retention-keeper.ts';

const DAY = new Date('2026-11-23T00:00:00.000Z');

function piece(id: string, [subject, session]: readonly [string, string], retention: string, retainUntil = DAY): StoredPiece {
  return { id, subject, session, what: 'audio-in', fromMs: 0, toMs: 200, keyId: 'k', digest: '', retention, retainUntil, gone: null };
}

/** A store and a ledger that write down what is done, in order. */
function archive(pieces: readonly StoredPiece[], now: () => number = () => 0) {
  const done: string[] = [];
  const gone = new Set<string>();
  let ledgerAway = false;
  const store = {
    due: (now: Date, held: { subjects: readonly string[]; sessions: readonly string[] }) =>
      Promise.resolve(
        pieces
          .filter(({ id, retainUntil }) => !gone.has(id) && retainUntil <= now)
          .filter(({ subject, session }) => !held.subjects.includes(subject) && !held.sessions.includes(session))
          .slice(0, 2),
      ),
    expire: (ids: readonly string[]) => {
      for (const id of ids) gone.add(id);
      return Promise.resolve(void done.push(`deleted ${ids.join()}`));
    },
  };
  const ledger = {
    appendFirst: (kind: string, { content, retention }: { content: string[]; retention: string }) =>
      ledgerAway ? Promise.reject(new Error('away')) : Promise.resolve(done.push(`${kind} ${retention} ${content.join()}`)),
  };
  const keeper = new ContentKeeper();
  const retention = new RetentionKeeper({ keeper, store, ledger, log: pino({ level: 'silent' }), now });
  const away = (is: boolean) => {
    ledgerAway = is;
  };
  return { keeper, retention, done, away };
}

const by = { kind: 'person', id: 'ann', role: 'reviewer' } as const;

describe('content whose time has come', () => {
  it('is deleted after the ledger was told, class by class; what is held or not due stays', async () => {
    const { keeper, retention, done } = archive([
      piece('a', ['carol', 's1'], 'regulated'),
      piece('b', ['dave', 's2'], 'regulated'),
      piece('c', ['erin', 's3'], 'operational'),
      piece('d', ['erin', 's3'], 'regulated'),
      piece('e', ['erin', 's4'], 'regulated', new Date(DAY.getTime() + 1)),
      piece('f', ['erin', 's5'], 'regulated'),
    ]);
    keeper.apply({ type: 'held', hold: 'h1', target: { subject: 'dave', session: null }, by, reason: '', at: '' });
    keeper.apply({ type: 'held', hold: 'h2', target: { subject: null, session: 's5' }, by, reason: '', at: '' });
    expect(await retention.expire(DAY)).toBe(3);
    expect(done).toEqual([
      'content.expired regulated a',
      'deleted a',
      'content.expired operational c',
      'deleted c',
      'content.expired regulated d',
      'deleted d',
    ]);
    keeper.apply({ type: 'lifted', hold: 'h1', at: '' });
    expect(await retention.expire(DAY)).toBe(1);
    expect(done.at(-1)).toBe('deleted b');
  });

  it('stays while the ledger can not be told', async () => {
    const { retention, done, away } = archive([piece('a', ['carol', 's1'], 'regulated')]);
    away(true);
    await expect(retention.expire(DAY)).rejects.toThrow(/away/);
    expect(done).toEqual([]);
  });
});

describe('the deadlines', () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'], now: 0 });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('come at the start and every hour from there, also when one was late', async () => {
    const { retention } = archive([], Date.now);
    const expire = vi.spyOn(retention, 'expire').mockResolvedValue(0);
    const called = async (afterMinutes: number) => {
      await vi.advanceTimersByTimeAsync(afterMinutes * 60_000);
      return expire.mock.calls.length;
    };
    retention.start();
    expect([await called(0), await called(59), await called(1)]).toEqual([1, 1, 2]);
    // The machine sleeps: the clock goes on without the timer, which then comes half an hour late.
    vi.setSystemTime(90 * 60_000);
    expect([await called(60), await called(30)]).toEqual([3, 4]);
    retention.stop();
    expect(await called(300)).toBe(4);
  });
});
