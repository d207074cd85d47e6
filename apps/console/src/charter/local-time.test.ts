import { describe, expect, it } from 'vitest';
import { fromLocalField, nextHour, toLocalField } from './local-time.ts';

describe('times in forms', () => {
  it.each(['2026-01-31T09:05', '2026-07-01T23:59', '2026-03-29T12:00'])('goes there and back: %s', (field) => {
    const iso = fromLocalField(field);
    expect(iso).toMatch(/Z$/);
    expect(toLocalField(Date.parse(iso ?? ''))).toBe(field);
  });

  it.each(['', 'soon', '2026-13-01T00:00'])('is nothing: %j', (field) => {
    expect(fromLocalField(field)).toBeNull();
  });

  it('always goes on to a later hour', () => {
    const noon = Date.UTC(2026, 0, 1, 12);
    expect(nextHour(noon)).toBe(noon + 3_600_000);
    expect(nextHour(noon + 1)).toBe(noon + 3_600_000);
    expect(nextHour(noon - 1)).toBe(noon);
  });
});
