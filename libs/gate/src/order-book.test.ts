import type { Actor } from '@wheelhouse/protocol/identity';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type BookAct, type BookedLatch, type BookEvent, decide, emptyBook, evolve, type OrderBook, personBehind } from './order-book.ts';

const AT = '2026-01-01T00:00:00.000Z';
const PEOPLE = ['ada', 'ben', 'cy'];
const LATCHES = ['l1', 'l2', 'l3'];
const RELEASES = ['r1', 'r2', 'r3', 'r4', 'r5'];

const person = (id: string): Actor => ({ kind: 'person', id, role: 'operator' });
const keyOf = (holder: string, n: number): Actor => ({ kind: 'key', id: `key-${n}-of-${holder}`, role: 'operator', person: holder });

const anyActor: fc.Arbitrary<Actor> = fc.oneof(
  fc.constantFrom(...PEOPLE).map(person),
  fc.tuple(fc.constantFrom(...PEOPLE), fc.constantFrom(1, 2)).map(([holder, n]) => keyOf(holder, n)),
  // A key of which nobody knows the holder, and the house itself.
  fc.constant<Actor>({ kind: 'key', id: 'stray', role: 'operator' }),
  fc.constant<Actor>({ kind: 'system', id: 'wheelhouse', role: 'system' }),
);

const latch = (order: string, number: number): BookedLatch => ({
  order,
  number,
  kind: 'stop',
  level: null,
  scope: { type: 'everything' },
  author: person('ada'),
  reason: '',
  givenAt: AT,
});

type Step = { readonly type: 'order'; readonly order: string } | BookAct;
const anyStep: fc.Arbitrary<Step> = fc.oneof(
  fc.constantFrom(...LATCHES).map((order) => ({ type: 'order', order }) as const),
  fc
    .tuple(fc.constantFrom(...RELEASES), fc.constantFrom(...LATCHES), anyActor)
    .map(([release, order, by]) => ({ type: 'ask', release, latch: order, by, reason: 'because', at: AT }) as const),
  fc.tuple(fc.constantFrom(...RELEASES), anyActor).map(([release, by]) => ({ type: 'confirm', release, by, at: AT }) as const),
  fc.tuple(fc.constantFrom(...RELEASES), anyActor).map(([release, by]) => ({ type: 'withdraw', release, by }) as const),
);

const folded = (events: readonly BookEvent[]): OrderBook => events.reduce(evolve, emptyBook);

/** Takes steps as the desks do, and gives every book on the way with the events so far. */
function take(steps: readonly Step[]): { readonly books: readonly OrderBook[]; readonly events: readonly BookEvent[] } {
  const events: BookEvent[] = [];
  const books = [emptyBook];
  let number = 0;
  for (const step of steps) {
    const book = books.at(-1) ?? emptyBook;
    let more: readonly BookEvent[] = [];
    if (step.type === 'order') more = book.latches.has(step.order) ? [] : [{ type: 'latched', latch: latch(step.order, (number += 1)) }];
    else {
      const decided = decide(book, step);
      if (!('refused' in decided)) more = decided;
    }
    events.push(...more);
    books.push(more.reduce(evolve, book));
  }
  return { books, events };
}

describe('the order book', () => {
  it('lets no latch go without a release that one person asked for and another confirmed, through any sequence of acts', () => {
    // The model: who asked for which release of which latch, and what was withdrawn. Kept apart from the book.
    fc.assert(
      fc.property(fc.array(anyStep, { maxLength: 60 }), (steps) => {
        const asked = new Map<string, { latch: string; person: string }>();
        for (const event of take(steps).events) {
          if (event.type === 'asked') asked.set(event.release, { latch: event.latch, person: personBehind(event.by) });
          if (event.type === 'withdrawn') asked.delete(event.release);
          if (event.type !== 'released') continue;
          const waiting = asked.get(event.release);
          expect(waiting?.latch).toBe(event.latch);
          expect(event.by.kind).toBe('person');
          expect(waiting?.person).not.toBe(event.by.id);
          asked.delete(event.release);
        }
      }),
      { numRuns: 3000 },
    );
  });

  it('is out of reach for one person alone, with all their keys and sign-ins, however long they try', () => {
    const mine = fc.constantFrom(person('ada'), keyOf('ada', 1), keyOf('ada', 2));
    const step: fc.Arbitrary<Step> = fc.tuple(anyStep, mine).map(([one, by]) => (one.type === 'order' ? one : { ...one, by }));
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
        expect(take(steps).events.filter((event) => event.type === 'released')).toEqual([]);
      }),
      { numRuns: 2000 },
    );
  });

  it('never drops a latch in any other way than by a release', () => {
    fc.assert(
      fc.property(fc.array(anyStep, { maxLength: 60 }), (steps) => {
        const { books, events } = take(steps);
        const latched = events.flatMap((event) => (event.type === 'latched' ? [event.latch.order] : []));
        const released = events.flatMap((event) => (event.type === 'released' ? [event.latch] : []));
        expect(books.at(-1)?.latches.size).toBe(latched.length - released.length);
      }),
    );
  });

  it('comes back from its events as it was, at any point of a restart', () => {
    fc.assert(
      fc.property(fc.array(anyStep, { maxLength: 40 }), (steps) => {
        const { books, events } = take(steps);
        expect(folded(events)).toEqual(books.at(-1));
      }),
    );
  });

  it('goes on numbering where it stopped', () => {
    const book = folded([
      { type: 'latched', latch: latch('l1', 7) },
      { type: 'numbered', number: 9 },
      { type: 'numbered', number: 8 },
    ]);
    expect(book.lastNumber).toBe(9);
  });

  it('releases by an approval only the latch that it was asked for', () => {
    const asked: BookEvent = { type: 'asked', release: 'r1', latch: 'l1', by: person('ada'), reason: '', at: AT };
    const events: BookEvent[] = [{ type: 'latched', latch: latch('l1', 1) }, { type: 'latched', latch: latch('l2', 2) }, asked];
    const book = events.reduce(evolve, emptyBook);
    const approve = (of: string) => decide(book, { type: 'approve', release: 'r1', latch: of, by: person('ben'), at: AT });
    expect(approve('l1')).toMatchObject([{ type: 'released', latch: 'l1' }]);
    expect(approve('l2')).toMatchObject({ refused: 'conflict' });
  });

  it('refuses by name', () => {
    const waiting = folded([
      { type: 'latched', latch: latch('l1', 1) },
      { type: 'asked', release: 'r1', latch: 'l1', by: keyOf('ada', 1), reason: 'because', at: AT },
    ]);
    const refusal = (act: BookAct, book = waiting) => {
      const decided = decide(book, act);
      return 'refused' in decided ? decided.refused : 'taken';
    };
    const confirm = (by: Actor, release = 'r1'): BookAct => ({ type: 'confirm', release, by, at: AT });
    expect(refusal(confirm(person('ada')))).toBe('same_person');
    expect(refusal(confirm(keyOf('ben', 1)))).toBe('forbidden');
    expect(refusal(confirm({ kind: 'system', id: 'wheelhouse', role: 'system' }))).toBe('forbidden');
    expect(refusal(confirm(person('ben'), 'r9'))).toBe('not_found');
    expect(refusal({ type: 'withdraw', release: 'r9', by: person('ben') })).toBe('not_found');
    expect(refusal({ type: 'ask', release: 'r2', latch: 'l1', by: person('ben'), reason: '', at: AT })).toBe('conflict');
    expect(refusal({ type: 'ask', release: 'r2', latch: 'l9', by: person('ben'), reason: '', at: AT })).toBe('not_in_force');
    const withdrawn = evolve(waiting, { type: 'withdrawn', release: 'r1' });
    expect(refusal(confirm(person('ben')), withdrawn)).toBe('conflict');
    expect(refusal({ type: 'withdraw', release: 'r1', by: person('ben') }, withdrawn)).toBe('conflict');
    expect(refusal({ type: 'ask', release: 'r1', latch: 'l1', by: person('ben'), reason: '', at: AT }, withdrawn)).toBe('conflict');
    const released = evolve(waiting, { type: 'released', release: 'r1', latch: 'l1', by: person('ben'), at: AT });
    expect(refusal(confirm(person('ben')), released)).toBe('conflict');
  });
});
