const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** A length of time, in the two largest units that say something. */
export function lengthInWords(ms: number): string {
  const whole = Math.max(0, ms);
  if (whole < MINUTE) return `${Math.floor(whole / SECOND)} s`;
  if (whole < HOUR) return `${Math.floor(whole / MINUTE)} min`;
  if (whole < DAY) return pair([Math.floor(whole / HOUR), 'h'], [Math.floor((whole % HOUR) / MINUTE), 'min']);
  // Nobody plans by the hour that far ahead.
  if (whole >= 10 * DAY) return `${Math.round(whole / DAY)} days`;
  return pair([Math.floor(whole / DAY), whole < 2 * DAY ? 'day' : 'days'], [Math.floor((whole % DAY) / HOUR), 'h']);
}

function pair([major, unit]: readonly [number, string], [minor, small]: readonly [number, string]): string {
  return minor === 0 ? `${major} ${unit}` : `${major} ${unit} ${minor} ${small}`;
}

/** How far off a moment is: `in 3 h 20 min`, `2 min ago`, `now`. */
export function fromNow(iso: string, now: number): string {
  const ms = Date.parse(iso) - now;
  if (Math.abs(ms) < SECOND) return 'now';
  return ms > 0 ? `in ${lengthInWords(ms)}` : `${lengthInWords(-ms)} ago`;
}
