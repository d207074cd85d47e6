import type { JsonValue } from '@wheelhouse/ledger/strict-json';

/** An entry as a report gets it: those of its fields that are shown, by the names of their commitments (`time`, `by.id`, `data.reason`). */
export type ReportEntry = {
  readonly index: number;
  readonly id: string;
  readonly kind: string;
  readonly fields: Readonly<Record<string, JsonValue>>;
  /** How many of its fields are not shown. */
  readonly withheld: number;
};

/** What stands where a field is redacted. */
export const NOT_SHOWN = '(not shown)';

export function textIn({ fields }: ReportEntry, name: string): string | null {
  const value = fields[name];
  return typeof value === 'string' ? value : null;
}

export function numberIn({ fields }: ReportEntry, name: string): number | null {
  const value = fields[name];
  return typeof value === 'number' ? value : null;
}

/** The time of an entry to the second, as people read it; UTC. */
export function timeOf(entry: ReportEntry): string {
  return (textIn(entry, 'time') ?? NOT_SHOWN).replace('T', ' ').replace(/\.\d+Z$/, 'Z');
}

/** What an entry says of a scope, in words. */
export function scopeOf({ fields }: ReportEntry): string {
  const scope = fields['data.scope'];
  if (scope === undefined || scope === null || typeof scope !== 'object' || Array.isArray(scope)) return NOT_SHOWN;
  const parts = new Map<string, unknown>(Object.entries(scope));
  const type = parts.get('type');
  const atLeast = parts.get('atLeast');
  if (typeof atLeast === 'number') return `level ${atLeast} and above`;
  if (typeof type !== 'string') return NOT_SHOWN;
  const name = parts.get(type);
  return typeof name === 'string' ? `${type} ${name}` : type;
}

/** The kind of thing that a scope covers, without its name: `session`, `everything`. */
export function scopeTypeOf({ fields }: ReportEntry): string {
  const scope = fields['data.scope'];
  if (typeof scope !== 'object' || scope === null) return NOT_SHOWN;
  const type = new Map<string, unknown>(Object.entries(scope)).get('type');
  return typeof type === 'string' ? type : NOT_SHOWN;
}

/** What an order met in a session. */
export type Effect = { readonly session: string; readonly tick: number; readonly lastSequence: number };

/** The sessions that an `order.applied`, `order.observed` or `release.applied` names. */
export function effectsIn({ fields }: ReportEntry): Effect[] {
  const list = fields['data.sessions'];
  if (!Array.isArray(list)) return [];
  return list.flatMap((one: unknown) => {
    if (typeof one !== 'object' || one === null) return [];
    const parts = new Map<string, unknown>(Object.entries(one));
    const [session, tick, lastSequence] = [parts.get('session'), parts.get('tick'), parts.get('lastSequence')];
    return typeof session === 'string' && typeof tick === 'number' && typeof lastSequence === 'number'
      ? [{ session, tick, lastSequence }]
      : [];
  });
}

/** Turns ids of people and keys into what a reader knows them by. */
export type NameOf = (id: string) => string;

/** Who acted, in words. */
export function whoIn(entry: ReportEntry, nameOf: NameOf): string {
  const kind = textIn(entry, 'by.kind');
  if (kind === 'system') return 'Wheelhouse itself';
  const id = textIn(entry, 'by.id');
  const role = textIn(entry, 'by.role');
  if (id === null) return role === null ? NOT_SHOWN : `a person (${role})`;
  const holder = textIn(entry, 'by.person');
  const name = nameOf(id);
  if (kind === 'key') return `key ${name}${holder === null ? '' : ` of ${nameOf(holder)}`}`;
  return role === null ? name : `${name} (${role})`;
}

/** Milliseconds between two times, in words. */
export function spanBetween(from: string | null, to: string | null): string {
  const ms = from === null || to === null ? Number.NaN : millisOf(to) - millisOf(from);
  return Number.isFinite(ms) ? spanInWords(ms) : NOT_SHOWN;
}

export function spanInWords(ms: number): string {
  const seconds = Math.round(ms / 1000);
  if (seconds < 120) return `${seconds} s`;
  if (seconds < 7200) return `${Math.round(seconds / 60)} min`;
  if (seconds < 172_800) return `${Math.round(seconds / 3600)} h`;
  return `${Math.round(seconds / 86_400)} days`;
}

const DAYS_BEFORE = [0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334];

/** Milliseconds since 1970 of an ISO 8601 time in UTC; not a number for anything else. Without a clock: this library has none. */
export function millisOf(time: string): number {
  const match = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?Z$/.exec(time);
  if (match === null) return Number.NaN;
  const [year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0] = match
    .slice(1, 7)
    .map(Number)
    .map((part) => (Number.isNaN(part) ? 0 : part));
  const leaps = (y: number) => Math.floor(y / 4) - Math.floor(y / 100) + Math.floor(y / 400);
  const isLeap = leaps(year) > leaps(year - 1);
  const before = (year - 1970) * 365 + leaps(year - 1) - leaps(1969);
  const days = before + (DAYS_BEFORE[month - 1] ?? 0) + (isLeap && month > 2 ? 1 : 0) + day - 1;
  const fraction = Math.floor(Number(`0.${match[7] ?? '0'}`) * 1000);
  return (((days * 24 + hour) * 60 + minute) * 60 + second) * 1000 + fraction;
}
