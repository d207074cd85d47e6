import { lineDiff } from './line-diff.ts';
import { NOT_SHOWN, numberIn, textIn, timeOf, whoIn } from './report-entry.ts';
import type { ReportEntry } from './report-entry.ts';
import { Rows } from './report.ts';
import type { Column, ReportOptions, Section } from './report.ts';

const VERSION: Column = { key: 'version', title: 'Version', align: 'right' };
const ENTRY: Column = { key: 'entry', title: 'Entry', align: 'right' };

/** Each charter that was adopted, and what its text changed, line by line. */
export function charterVersionsSection({ nameOf }: ReportOptions): Section {
  const versions = new Rows();
  const lines = new Rows();
  let before: string | null = '';
  let count = 0;
  const take = (entry: ReportEntry): void => {
    if (entry.kind !== 'charter.adopted') return;
    count += 1;
    const text = textIn(entry, 'data.charterText');
    const version = numberIn(entry, 'data.version');
    const changed = text === null || before === null ? null : lineDiff(before, text).filter(({ mark }) => mark !== ' ');
    const of = (sign: string) => changed?.filter(({ mark }) => mark === sign).length ?? NOT_SHOWN;
    const name = textIn(entry, 'data.name') ?? NOT_SHOWN;
    versions.add([
      ...[entry.index, timeOf(entry), version, name, textIn(entry, 'data.proposal') ?? NOT_SHOWN, whoIn(entry, nameOf)],
      ...[of('+'), of('-')],
    ]);
    for (const { mark, text: line } of changed ?? []) lines.add([entry.index, version, mark === '+' ? 'new' : 'gone', line]);
    before = text;
  };
  return {
    take,
    facts: () => [{ label: 'Charters adopted', value: count }],
    tables: () => [
      versions.table({
        title: 'Charter versions',
        note: 'By the line: what is new or gone against the charter that was adopted before in this period, of the first one all.',
        columns: [
          ...[ENTRY, { key: 'time', title: 'In force from (UTC)' }, VERSION, { key: 'name', title: 'Name' }],
          ...[
            { key: 'proposal', title: 'Proposal' },
            { key: 'by', title: 'Last step by' },
          ],
          ...[
            { key: 'added', title: 'Lines new', align: 'right' } as const,
            { key: 'removed', title: 'Lines gone', align: 'right' } as const,
          ],
        ],
        none: 'No charter was adopted in this period.',
      }),
      lines.table({
        title: 'Changed lines',
        columns: [ENTRY, VERSION, { key: 'change', title: 'Change' }, { key: 'line', title: 'Line' }],
        none: 'No line of a charter changed in this period, or none is shown.',
      }),
    ],
  };
}
