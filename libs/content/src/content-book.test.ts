import type { Actor } from '@wheelhouse/protocol/identity';
import { describe, expect, it } from 'vitest';
import {
  type ContentAct,
  type ContentBook,
  type ContentEvent,
  emptyContentBook,
  evolveContent,
  holdsOver,
  holdsOverSession,
  inForce,
  lastErasure,
  mayRecordOn,
  type RecordedSession,
  refusalOf,
} from './content-book.ts';

const ann: Actor = { kind: 'person', id: 'ann', role: 'reviewer' };
const bob: Actor = { kind: 'person', id: 'bob', role: 'administrator' };
const annsKey: Actor = { kind: 'key', id: 'key-1', person: 'ann', role: 'reviewer' };
const at = '2026-11-23T12:00:00.000Z';
const session = (id: string, subject: string, entry: number): RecordedSession => ({
  session: id,
  tenant: 'acme',
  subject,
  record: { what: ['audio'], retention: 'regulated', consent: 'form 1' },
  entry,
});
const SESSIONS = new Map([session('s1', 'acme/carol', 3), session('s2', 'acme/dave', 4)].map((one) => [one.session, one]));

function after(...events: ContentEvent[]): ContentBook {
  return events.reduce(evolveContent, emptyContentBook(SESSIONS));
}

const asked: ContentEvent = { type: 'asked', erasure: 'e1', subject: 'acme/carol', by: ann, reason: 'asked', at };
const onCarol: ContentEvent = {
  type: 'held',
  hold: 'h1',
  target: { subject: 'acme/carol', session: null },
  by: ann,
  reason: 'lawsuit',
  at,
};
const onSession: ContentEvent = { type: 'held', hold: 'h2', target: { subject: null, session: 's1' }, by: ann, reason: 'lawsuit', at };
const refused = (book: ContentBook, act: ContentAct) => refusalOf(book, act)?.refused ?? null;
const confirm = (by: Actor): ContentAct => ({ type: 'confirm', erasure: 'e1', by });

describe('an erasure', () => {
  it('that a quorum approved is of whom it was asked for, and of nobody else', () => {
    const approve = (subject: string): ContentAct => ({ type: 'approve', erasure: 'e1', subject });
    expect(refused(after(asked), approve('acme/carol'))).toBeNull();
    expect(refused(after(asked), approve('acme/dave'))).toBe('conflict');
    expect(refused(after(asked, onCarol), approve('acme/carol'))).toBe('held');
  });

  it('takes two people, none of them behind a key', () => {
    expect(refused(after(asked), confirm(ann))).toBe('same_person');
    expect(refused(after({ ...asked, by: annsKey }), confirm(ann))).toBe('same_person');
    expect(refused(after(asked), confirm({ ...annsKey, person: 'bob' }))).toBe('forbidden');
    expect(refused(after(asked), confirm({ kind: 'system', id: 'wheelhouse', role: 'system' }))).toBe('forbidden');
    expect(refused(after(asked), confirm(bob))).toBeNull();
  });

  it('is decided once', () => {
    const erased: ContentEvent = { type: 'erased', erasure: 'e1', by: bob, at, entry: 9 };
    expect(refused(after(), confirm(bob))).toBe('not_found');
    expect(refused(after(asked, erased), confirm(bob))).toBe('conflict');
    expect(refused(after(asked, { type: 'withdrawn', erasure: 'e1' }), confirm(bob))).toBe('conflict');
    expect(refused(after(asked, erased), { type: 'withdraw', erasure: 'e1' })).toBe('conflict');
    expect(refused(after(asked), { ...asked, type: 'ask' })).toBe('conflict');
    expect(refused(after(asked), { ...asked, type: 'ask', erasure: 'e2' })).toBe('conflict');
    expect(refused(after(asked, erased), { ...asked, type: 'ask', erasure: 'e2' })).toBeNull();
  });

  it.each([onCarol, onSession])('waits for every hold over it', (hold) => {
    const book = after(asked, hold);
    expect(refused(book, confirm(bob))).toBe('held');
    expect(refusalOf(book, confirm(bob))?.message).toContain(`Hold ${inForce(book)[0]?.id ?? '?'} covers`);
    const lifted: ContentEvent = { type: 'lifted', hold: inForce(book)[0]?.id ?? '', at };
    expect(refused(evolveContent(book, lifted), confirm(bob))).toBeNull();
  });

  it('does not wait for holds over others', () => {
    expect(refused(after(asked, { ...onSession, target: { subject: null, session: 's2' } }), confirm(bob))).toBeNull();
  });

  it('ends the recording of the sessions before it, and not of those after', () => {
    const book = after(asked, { type: 'erased', erasure: 'e1', by: bob, at, entry: 9 });
    expect(lastErasure(book, 'acme/carol')).toMatchObject({ id: 'e1', entry: 9, confirmedBy: bob });
    expect(mayRecordOn(book, session('s1', 'acme/carol', 3))).toBe(false);
    expect(mayRecordOn(book, session('s3', 'acme/carol', 10))).toBe(true);
    expect(mayRecordOn(book, session('s2', 'acme/dave', 4))).toBe(true);
  });
});

describe('a hold', () => {
  it('covers what it names', () => {
    expect(holdsOver(after(onCarol, onSession), 'acme/carol').map(({ id }) => id)).toEqual(['h1', 'h2']);
    expect(holdsOver(after(onCarol, onSession), 'acme/dave')).toEqual([]);
    expect(holdsOverSession(after(onCarol, onSession), session('s1', 'acme/carol', 3)).map(({ id }) => id)).toEqual(['h1', 'h2']);
    expect(holdsOverSession(after(onSession), session('s9', 'acme/carol', 3))).toEqual([]);
  });

  it('is lifted once, by a person who did not place it', () => {
    const lift = (by: Actor): ContentAct => ({ type: 'lift', hold: 'h1', by, at });
    expect(refused(after(onCarol), lift(ann))).toBe('same_person');
    expect(refused(after({ ...onCarol, by: annsKey }), lift(ann))).toBe('same_person');
    expect(refused(after(onCarol), lift(annsKey))).toBe('forbidden');
    expect(refused(after(onCarol), lift(bob))).toBeNull();
    expect(refused(after(onCarol, { type: 'lifted', hold: 'h1', at }), lift(bob))).toBe('conflict');
    expect(refused(after(), lift(bob))).toBe('not_found');
    expect(refused(after(onCarol), { ...onCarol, type: 'hold' })).toBe('conflict');
  });
});
