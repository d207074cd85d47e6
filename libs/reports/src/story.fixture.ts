import type { JsonValue } from '@wheelhouse/ledger/strict-json';
import type { ReportEntry } from './report-entry.ts';

/** Who does something in a story: a person by name, or the server. */
export type Who = 'anna' | 'ben' | 'system';

const START = 9 * 3600;

/** A hand-made ledger for tests: entry after entry, ten seconds apart, each with its fields in the open. */
export class Story {
  readonly entries: ReportEntry[] = [];

  tell(kind: string, by: Who, data: Readonly<Record<string, JsonValue>>, hidden: readonly string[] = []): this {
    const index = this.entries.length;
    const who = by === 'system' ? { kind: 'system', id: 'wheelhouse', role: 'system' } : { kind: 'person', id: by, role: 'operator' };
    const rules = by === 'system' ? {} : { policy: 'built-in/1', charter: 'two-people/1' };
    const prefixed = [
      ...Object.entries(who).map(([name, value]) => [`by.${name}`, value] as const),
      ...Object.entries(data).map(([name, value]) => [`data.${name}`, value] as const),
    ];
    const all: [string, JsonValue][] = [
      ['time', timeAfter(index * 10)],
      ...Object.entries(rules),
      ...prefixed.map(([n, v]): [string, JsonValue] => [n, v]),
    ];
    const fields = Object.fromEntries(all.filter(([name]) => !hidden.includes(name)));
    this.entries.push({ index, id: `id-${index}`, kind, fields, withheld: hidden.length });
    return this;
  }
}

function timeAfter(seconds: number): string {
  const at = START + seconds;
  const two = (value: number) => String(value).padStart(2, '0');
  return `2026-11-03T${two(Math.floor(at / 3600))}:${two(Math.floor(at / 60) % 60)}:${two(at % 60)}.000Z`;
}
