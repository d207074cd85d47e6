import type { JsonValue } from '@wheelhouse/ledger/strict-json';
import { NOT_SHOWN } from './report-entry.ts';
import type { NameOf, ReportEntry } from './report-entry.ts';

/** The members of a JSON object by name; none for anything else. */
export function partsOf(value: JsonValue | undefined): ReadonlyMap<string, unknown> {
  if (value === undefined || value === null || typeof value !== 'object' || Array.isArray(value)) return new Map();
  return new Map(Object.entries(value));
}

/** What a proposal would do, or a glass was broken for, in words: by its act where that is shown, by the power that it takes where not. */
export function actInWords({ fields }: ReportEntry, nameOf: NameOf): string {
  const act = partsOf(fields['data.act'] ?? fields['data.emergency']);
  const power = act.get('power') ?? fields['data.power'];
  const text = (name: string) => {
    const value = act.get(name);
    return typeof value === 'string' ? value : NOT_SHOWN;
  };
  if (typeof power !== 'string') return NOT_SHOWN;
  if (act.size === 0) return power;
  switch (power) {
    case 'latch.release':
      return `Release of latch ${text('latch')}`;
    case 'level.raise':
      return `Release of the level latch ${text('latch')}`;
    case 'charter.amend':
      return 'Another charter in force';
    case 'seat.change':
      return `Seat ${text('seat')} to ${act.get('holder') === null ? 'nobody' : nameOf(text('holder'))}`;
    case 'seat.recall':
      return `Recall from seat ${text('seat')}`;
    case 'break_glass.review':
      return `Close the review of break glass ${text('glass')}`;
    case 'access.grant':
      return `${text('grant') === 'administrator' ? 'Role of administrator' : 'A new passkey for votes'} to ${nameOf(text('person'))}`;
    case 'record.export':
      return `Export ${text('report') === NOT_SHOWN ? 'of the record' : text('report')} as ${text('format')}, profile ${text('profile')}`;
    case 'record.erase':
      return `Erasure of ${text('subject')}`;
    case 'finetune.create':
      return `Fine-tune ${text('name')}`;
    case 'deployment.promote':
      return `Promotion of deployment ${text('name')}`;
    case 'key.rotate':
      return `Another ${text('key')} key`;
    default:
      return power;
  }
}

/** Ids of people in a list of an entry, by the names that readers know them by. */
export function peopleIn({ fields }: ReportEntry, name: string, nameOf: NameOf): string {
  const list = fields[name];
  if (!Array.isArray(list)) return NOT_SHOWN;
  return list.map((one) => (typeof one === 'string' ? nameOf(one) : NOT_SHOWN)).join(', ') || 'nobody';
}
