const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;

/** A moment as a field of type `datetime-local` has it: in the reader's own time zone, to the minute. */
export function toLocalField(at: number): string {
  const shifted = at - new Date(at).getTimezoneOffset() * MINUTE_MS;
  return new Date(shifted).toISOString().slice(0, 16);
}

/** What such a field says, in UTC; null where it says no moment. */
export function fromLocalField(text: string): string | null {
  const at = new Date(text).getTime();
  return text === '' || Number.isNaN(at) ? null : new Date(at).toISOString();
}

/** The next full hour after a moment: while somebody fills in a form, the moment itself would pass. */
export function nextHour(at: number): number {
  return Math.ceil((at + 1) / HOUR_MS) * HOUR_MS;
}
