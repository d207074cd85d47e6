import { pino } from 'pino';
import { describe, expect, it, vi } from 'vitest';
import { StoredRests } from './stored-rests.ts';

const REST = { tick: 7, sequence: 9, head: new Uint8Array([1]) };

/** A table that takes one change after the other, when the test lets it. */
function table() {
  const changes: { readonly restTick: number | null; readonly answer: (error?: Error) => void }[] = [];
  const rests = new StoredRests(
    (_session, { restTick }) => {
      const { promise, resolve, reject } = Promise.withResolvers<null>();
      const answer = (error?: Error) => {
        if (error === undefined) resolve(null);
        else reject(error);
      };
      changes.push({ restTick, answer });
      return promise;
    },
    pino({ level: 'silent' }),
  );
  return { changes, rests };
}

const turn = () => new Promise((resolve) => setTimeout(resolve, 1));

describe('where sessions rest, in the database', () => {
  it('costs nothing where the row says already that a client may be attached', async () => {
    const { changes, rests } = table();
    rests.knows('a', 'attached');
    await rests.mayBeAttached('a');
    expect(changes).toEqual([]);
    expect(rests.holds('a')).toBe(false);
  });

  it('lets no ticket out before the row says that a client may be attached', async () => {
    const { changes, rests } = table();
    rests.knows('a', 'rest');
    let isOut = false;
    const ticket = rests.mayBeAttached('a').then(() => {
      isOut = true;
    });
    await turn();
    expect(changes.map(({ restTick }) => restTick)).toEqual([null]);
    expect(isOut).toBe(false);
    changes[0]?.answer();
    await ticket;
    expect(rests.holds('a')).toBe(false);
  });

  it('writes one thing after the other: a rest that comes late does not undo what a ticket needs', async () => {
    const { changes, rests } = table();
    rests.knows('a', 'attached');
    rests.rests('a', REST);
    const ticket = rests.mayBeAttached('a');
    await turn();
    expect(changes.map(({ restTick }) => restTick)).toEqual([7]);
    expect(rests.holds('a')).toBe(true);
    changes[0]?.answer();
    await turn();
    expect(changes.map(({ restTick }) => restTick)).toEqual([7, null]);
    changes[1]?.answer();
    await ticket;
  });

  it('refuses the ticket while the database is away, and a rest that was not taken is told again', async () => {
    const { changes, rests } = table();
    rests.knows('a', 'rest');
    const ticket = rests.mayBeAttached('a');
    await turn();
    changes[0]?.answer(new Error('away'));
    await expect(ticket).rejects.toThrow('The database is away, so no ticket can be handed out.');
    // The change may have been made all the same: what the row says is not known.
    expect(rests.holds('a')).toBe(false);
    rests.rests('a', REST);
    await turn();
    changes[1]?.answer(new Error('away'));
    await turn();
    expect(rests.holds('a')).toBe(false);
  });

  it('refuses the ticket while the database hangs', async () => {
    vi.useFakeTimers();
    try {
      const { rests } = table();
      rests.knows('a', 'rest');
      const ticket = expect(rests.mayBeAttached('a')).rejects.toThrow('The database does not answer, so no ticket can be handed out.');
      await vi.advanceTimersByTimeAsync(4000);
      await ticket;
    } finally {
      vi.useRealTimers();
    }
  });

  it('knows nothing of a session that is over', async () => {
    const { changes, rests } = table();
    rests.knows('a', 'attached');
    const over = rests.end('a', REST, { endedAt: new Date(0), endReason: 'over' });
    await turn();
    changes[0]?.answer();
    await over;
    await rests.settled(10);
    expect(rests.holds('a')).toBe(true);
  });
});
