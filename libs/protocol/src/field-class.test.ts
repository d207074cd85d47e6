import { describe, expect, it } from 'vitest';
import { classOf, isClassed, shows } from './field-class.ts';
import { fieldNamesOf, LedgerEntry } from './ledger-entry.ts';

describe('what a field of an entry gives away', () => {
  const kinds = LedgerEntry.options.map((option) => option.shape.kind.value);

  it.each(kinds)('%s: each of its fields has been thought about', (kind) => {
    expect(fieldNamesOf(kind).filter((field) => !isClassed(field))).toEqual([]);
  });

  it('treats a field that nobody has thought about as the most private', () => {
    expect(classOf('data.unheardOf')).toBe('words');
    expect(shows('no-words', 'data.unheardOf')).toBe(false);
  });

  it('shows nobody in the profiles that promise it', () => {
    for (const field of ['by.id', 'by.person', 'data.person', 'data.subject', 'data.askedBy', 'data.key', 'data.record', 'data.reason'])
      expect([field, shows('no-people', field), shows('public', field)]).toEqual([field, false, false]);
  });
});
