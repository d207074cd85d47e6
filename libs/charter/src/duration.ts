const UNIT_MS = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 } as const;

const SIMPLE = /^(\d{1,6})([smhdw])$/;
const ISO = /^P(?=\d|T\d)(?:(\d{1,6})W)?(?:(\d{1,6})D)?(?:T(?=\d)(?:(\d{1,6})H)?(?:(\d{1,6})M)?(?:(\d{1,6})S)?)?$/;

/**
 * A length of time in milliseconds, exactly; null when the text is not one. A day is 24 hours and a week 7 days, whatever clocks do; months
 * and years have no fixed length and are not understood.
 */
export function parseDuration(text: string): number | null {
  const simple = SIMPLE.exec(text);
  if (simple !== null) return Number(simple[1]) * unitMs(simple[2] ?? '');
  const iso = ISO.exec(text);
  if (iso === null) return null;
  return ['w', 'd', 'h', 'm', 's'].reduce((sum, unit, i) => sum + Number(iso[i + 1] ?? 0) * unitMs(unit), 0);
}

function unitMs(unit: string): number {
  return unit === 's' || unit === 'm' || unit === 'h' || unit === 'd' || unit === 'w' ? UNIT_MS[unit] : 0;
}

/** A length of time in words: the largest unit that measures it without remainder. */
export function durationInWords(ms: number): string {
  if (ms === 0) return 'no time';
  for (const [unit, name] of [
    ['d', 'day'],
    ['h', 'hour'],
    ['m', 'minute'],
    ['s', 'second'],
  ] as const) {
    const count = ms / UNIT_MS[unit];
    if (Number.isInteger(count) && (unit !== 'd' || count > 2)) return `${count} ${name}${count === 1 ? '' : 's'}`;
  }
  return `${ms} milliseconds`;
}
