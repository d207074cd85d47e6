const DAY_MS = 86_400_000;
const TEXT = /^(\d{4})-(\d{2})-(\d{2})(?:T(\d{2}):(\d{2})(?::(\d{2})(?:\.(\d{1,9}))?)?Z)?$/;

/**
 * A moment in milliseconds since 1970 (UTC): `2026-01-31` is that day's first instant, `2026-01-31T09:00:00Z` the moment itself. Null when the
 * text is not one. Digits below a millisecond are cut off.
 */
export function parseInstant(text: string): number | null {
  const match = TEXT.exec(text);
  if (match === null) return null;
  const [year, month, day, hour, minute, second] = [1, 2, 3, 4, 5, 6].map((i) => Number(match[i] ?? 0));
  if (year === undefined || month === undefined || day === undefined || hour === undefined) return null;
  if (minute === undefined || second === undefined || hour > 23 || minute > 59 || second > 59) return null;
  const at =
    daysOf(year, month, day) * DAY_MS + ((hour * 60 + minute) * 60 + second) * 1_000 + Number((match[7] ?? '').padEnd(3, '0').slice(0, 3));
  // A day that the month lacks (30 February) would silently become another day.
  return instantText(at).startsWith(text.slice(0, 10)) ? at : null;
}

/** A moment in words: `2026-01-31 09:00 UTC`, without the time where it is a day's first instant. */
export function instantText(at: number): string {
  const { year, month, day } = civilOf(Math.floor(at / DAY_MS));
  const minutes = Math.floor((at - Math.floor(at / DAY_MS) * DAY_MS) / 60_000);
  const date = `${pad(year, 4)}-${pad(month, 2)}-${pad(day, 2)}`;
  return minutes === 0 ? date : `${date} ${pad(Math.floor(minutes / 60), 2)}:${pad(minutes % 60, 2)} UTC`;
}

function pad(number: number, width: number): string {
  return String(number).padStart(width, '0');
}

function isLeap(year: number): boolean {
  return (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
}

function monthDays(year: number, month: number): number {
  if (month === 2) return isLeap(year) ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}

/** Days from 1970-01-01 to the first of January of a year. */
function daysToYear(year: number): number {
  const before = year - 1;
  return before * 365 + Math.floor(before / 4) - Math.floor(before / 100) + Math.floor(before / 400) - 719_162;
}

function daysOf(year: number, month: number, day: number): number {
  let days = daysToYear(year) + day - 1;
  for (let m = 1; m < month; m += 1) days += monthDays(year, m);
  return days;
}

function civilOf(days: number): { year: number; month: number; day: number } {
  let year = Math.floor(days / 365.2425) + 1970;
  while (daysToYear(year) > days) year -= 1;
  while (daysToYear(year + 1) <= days) year += 1;
  let rest = days - daysToYear(year);
  let month = 1;
  for (; rest >= monthDays(year, month); month += 1) rest -= monthDays(year, month);
  return { year, month, day: rest + 1 };
}
