import { describe, expect, it } from 'vitest';
import { askedFor, givenParts, hidesTicks, LedgerSearch, localTime, momentOf, searchPath, withKind } from './search-filter.ts';

const SESSION = '0b7c0c0e-58a2-4d31-8f30-62a4b9a0a001';

describe('a search of the ledger', () => {
  it('drops what cannot be read in an address, and keeps the rest', () => {
    expect(givenParts(LedgerSearch.parse({ session: 'nonsense', from: 'yesterday', person: ' ada ', kind: 'order.given' }))).toEqual({
      person: 'ada',
      kind: 'order.given',
    });
  });

  it('asks for exactly what was given', () => {
    expect(searchPath({ session: SESSION }, { limit: 200, cursor: '17' })).toBe(`/v1/ledger/search?session=${SESSION}&limit=200&cursor=17`);
    expect(searchPath({}, { limit: 20, cursor: null })).toBe('/v1/ledger/search?limit=20');
  });

  it('shows a moment in the reader’s own time, and finds it again', () => {
    const moment = '2026-03-29T00:30:00.000Z';
    expect(momentOf(localTime(moment))).toBe(moment);
    expect([momentOf(''), momentOf('2026-13'), localTime(undefined)]).toEqual([undefined, undefined, '']);
  });

  it('leaves tick evidence out unless somebody asks for it', () => {
    expect(hidesTicks({})).toBe(true);
    expect(hidesTicks({ ticks: true })).toBe(false);
    expect(hidesTicks({ kind: 'session.segment' })).toBe(false);
    expect(hidesTicks({ ticks: true, without: 'session.opened,session.segment' })).toBe(true);
  });

  it('asks the server to leave out what is not shown', () => {
    expect(givenParts(askedFor({}))).toEqual({ without: 'session.segment' });
    expect(givenParts(askedFor({ without: 'help.asked' }))).toEqual({ without: 'help.asked,session.segment' });
    expect(givenParts(askedFor({ without: 'session.segment,help.asked' }))).toEqual({ without: 'help.asked,session.segment' });
    expect(givenParts(askedFor({ ticks: true }))).toEqual({});
    expect(givenParts(askedFor({ kind: 'help.asked' }))).toEqual({ kind: 'help.asked' });
  });

  it('adds a kind to the list once, and takes it off again', () => {
    const two = withKind(withKind('help.asked', 'session.opened', true), 'session.opened', true);
    expect(two).toBe('help.asked,session.opened');
    expect(withKind(two, 'help.asked', false)).toBe('session.opened');
    expect(withKind('help.asked', 'help.asked', false)).toBeUndefined();
  });
});
