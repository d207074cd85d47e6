import { problemOf } from '@wheelhouse/protocol/problem';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ControlLine, type ThreadTold } from './control-line.ts';

const OPENED: ThreadTold = {
  ok: true,
  principal: { kind: 'person', id: 'ann', name: 'Ann', role: 'operator', tenant: 'default', person: 'ann' },
  ticket: 'sealed',
  session: 'one',
};

describe('a stream thread’s questions', () => {
  let asked: number[] = [];
  let late: ThreadTold[] = [];
  let line: ControlLine;
  const ask = () => line.ask({ what: 'open', credentials: {}, deployment: 'echo' });

  beforeEach(() => {
    vi.useFakeTimers();
    [asked, late] = [[], []];
    line = new ControlLine(
      (id) => asked.push(id),
      (told) => late.push(told),
    );
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('are answered each by its own answer', async () => {
    const [one, two] = [ask(), ask()];
    const no: ThreadTold = { ok: false, problem: problemOf('full', 'no room') };
    line.told(asked[1] ?? 0, no);
    line.told(asked[0] ?? 0, OPENED);
    expect([await one, await two]).toEqual([OPENED, no]);
    expect(late).toEqual([]);
  });

  it('end in words when no answer comes, and what comes later is not lost: a session may have been opened', async () => {
    const one = ask();
    await vi.advanceTimersByTimeAsync(10_000);
    expect(await one).toMatchObject({ ok: false, problem: { code: 'internal' } });
    line.told(asked[0] ?? 0, OPENED);
    expect(late).toEqual([OPENED]);
  });
});
