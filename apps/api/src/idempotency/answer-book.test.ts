import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AnswerBook, type Answered } from './answer-book.ts';

const BOUNDS = { keepMs: 1000, mostOfCaller: 4, most: 9 };

async function said(answered: Answered<number>): Promise<string> {
  return answered.type === 'other' ? 'other' : `${answered.repeated ? 'again' : 'new'} ${await answered.answer}`;
}

describe('the book of answers', () => {
  it('gives an answer again, refuses another request under its key, and is each caller’s own', async () => {
    let now = 0;
    let made = 0;
    const book = new AnswerBook<number>(BOUNDS, () => now);
    const ask = (caller: string, key: string, digest: string) =>
      said(book.answer({ caller, key, digest }, () => Promise.resolve((made += 1))));
    expect(await Promise.all([ask('a', 'k', 'x'), ask('a', 'k', 'x'), ask('a', 'k', 'y'), ask('b', 'k', 'y')])).toEqual([
      'new 1',
      'again 1',
      'other',
      'new 2',
    ]);
    now = 999;
    expect(await ask('a', 'k', 'x')).toBe('again 1');
    now = 1000;
    expect(await ask('a', 'k', 'y')).toBe('new 3');
  });

  it('does not keep what failed, and tells everybody who waits for it', async () => {
    const book = new AnswerBook<number>(BOUNDS, () => 0);
    const request = { caller: 'a', key: 'k', digest: 'x' };
    const fails = () => Promise.reject(new Error('down'));
    const both = [book.answer(request, fails), book.answer(request, fails)].map(said);
    for (const one of both) await expect(one).rejects.toThrow('down');
    expect(book.size).toBe(0);
    expect(await said(book.answer(request, () => Promise.resolve(7)))).toBe('new 7');
  });

  it('keeps to its bounds, and lets nobody make it forget what somebody with less did', async () => {
    const asked = fc.record({ caller: fc.constantFrom('a', 'b', 'c', 'd'), key: fc.nat(30).map(String), after: fc.nat(200) });
    await fc.assert(
      fc.asyncProperty(fc.array(asked, { maxLength: 200 }), async (requests) => {
        let now = 0;
        const book = new AnswerBook<number>(BOUNDS, () => now);
        for (const { caller, key, after } of requests) {
          now += after;
          const answered = await said(book.answer({ caller, key, digest: 'x' }, () => Promise.resolve(1)));
          expect(answered).toMatch(/^(new|again) 1$/);
          expect(book.size).toBeLessThanOrEqual(BOUNDS.most);
          // What was just given is there.
          expect(await said(book.answer({ caller, key, digest: 'x' }, () => Promise.resolve(2)))).toBe('again 1');
        }
      }),
    );
    const book = new AnswerBook<number>(BOUNDS, () => 0);
    const ask = (caller: string, key: string) => said(book.answer({ caller, key, digest: 'x' }, () => Promise.resolve(1)));
    await ask('quiet', 'k');
    for (let nth = 0; nth < 100; nth += 1) for (const busy of ['a', 'b', 'c']) await ask(busy, String(nth));
    expect(await ask('quiet', 'k')).toBe('again 1');
  });
});
