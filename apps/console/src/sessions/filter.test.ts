import type { Session } from '@wheelhouse/protocol/session';
import { describe, expect, it } from 'vitest';
import { filtered, stepped, type StateFilter } from './filter.ts';

function session(id: string, more: Partial<Session> = {}): Session {
  return {
    id,
    tenant: 'acme',
    deployment: 'relay',
    model: 'relay-1',
    engine: 'relay',
    level: 3,
    effectiveLevel: 3,
    state: 'live',
    openedAt: `2026-01-01T00:00:0${id}.000Z`,
    openedByName: 'Ada',
    endedAt: null,
    latched: [],
    recorded: [],
    tick: 0,
    lastSequence: 0,
    ...more,
  };
}

const ALL = [
  session('1'),
  session('2', { state: 'waiting' }),
  session('3', { latched: ['stop'], openedByName: 'Grace' }),
  session('4', { state: 'ended', latched: ['stop'], deployment: 'echo' }),
];

function ids(state: StateFilter, text = ''): string[] {
  return filtered(ALL, { state, text }).map(({ id }) => id);
}

describe('the filter', () => {
  it('shows what is not over, newest first', () => {
    expect(ids('open')).toEqual(['3', '2', '1']);
  });
  it('shows one state', () => {
    expect(ids('live')).toEqual(['3', '1']);
    expect(ids('waiting')).toEqual(['2']);
    expect(ids('latched')).toEqual(['3']);
    expect(ids('ended')).toEqual(['4']);
  });
  it('wants every word somewhere, in any case', () => {
    expect(ids('open', 'GRACE relay')).toEqual(['3']);
    expect(ids('open', 'grace echo')).toEqual([]);
  });
});

describe('a step through the list', () => {
  it('starts at the first, goes on, and stays within', () => {
    expect(stepped(ALL, null, 1)).toBe('1');
    expect(stepped(ALL, '1', 1)).toBe('2');
    expect(stepped(ALL, '1', -1)).toBe('1');
    expect(stepped(ALL, '4', 1)).toBe('4');
    expect(stepped(ALL, '2', Infinity)).toBe('4');
    expect(stepped(ALL, 'gone', -1)).toBe('1');
    expect(stepped([], '1', 1)).toBeNull();
  });
});
