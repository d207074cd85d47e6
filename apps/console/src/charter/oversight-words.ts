/** A length of time as people think of it when they read: seconds, then minutes, then hours. */
export function secondsInWords(seconds: number): string {
  if (seconds < 100) return `${Math.round(seconds)} s`;
  return seconds < 6000 ? `${Math.round(seconds / 60)} min` : `${Math.round(seconds / 3600)} h`;
}

/** A share from 0 to 1. */
export function percent(share: number): string {
  return `${Math.round(share * 100)}\u00a0%`;
}
