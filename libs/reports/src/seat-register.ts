import { peopleIn } from './acts-in-words.ts';
import { NOT_SHOWN, textIn, timeOf, whoIn } from './report-entry.ts';
import type { ReportEntry } from './report-entry.ts';
import { Rows } from './report.ts';
import type { Cell, ReportOptions, Section } from './report.ts';

/** What is told of each kind; the seat and the person concerned are told besides. */
const WHAT: ReadonlyMap<string, string> = new Map([
  ['charter.adopted', 'seated by the charter'],
  ['seat.appointed', 'appointed'],
  ['seat.recalled', 'recalled'],
  ['seat.left', 'stepped down'],
  ['handover.announced', 'handover announced'],
  ['handover.accepted', 'handover accepted'],
  ['handover.cancelled', 'handover called off'],
  ['absence.declared', 'absence declared'],
  ['absence.ended', 'absence ended'],
  ['delegation.given', 'vote delegated'],
  ['delegation.ended', 'delegation ended'],
  ['training.recorded', 'training recorded'],
  ['voter.enrolled', 'passkey for votes enrolled'],
  ['access.granted', 'access granted'],
]);

/** Who held, left and took over which seat, who was away, delegated and enrolled passkeys; in order. */
export function seatsSection({ nameOf, seatsOf }: ReportOptions): Section {
  const rows = new Rows();
  let changes = 0;
  /** Whose absence or delegation an entry ends, by its id. */
  const begun = new Map<string, { readonly seat: string | null; readonly person: string }>();
  const person = (id: string | null) => (id === null ? NOT_SHOWN : nameOf(id));
  const take = (entry: ReportEntry): void => {
    const what = WHAT.get(entry.kind);
    if (what === undefined) return;
    changes += 1;
    const text = (name: string) => textIn(entry, `data.${name}`);
    const add = (seat: string | null, who: string, detail: string): void => {
      const row: Cell[] = [entry.index, timeOf(entry), what, seat, who, detail, whoIn(entry, nameOf)];
      rows.add(row);
    };
    if (entry.kind === 'charter.adopted') {
      for (const { seat, holder, detail } of charterSeats(entry, { nameOf, seatsOf })) add(seat, holder, detail);
      return;
    }
    const id = text('absence') ?? text('delegation');
    const ended = id === null ? undefined : begun.get(id);
    if (entry.kind.endsWith('.ended')) {
      add(ended?.seat ?? text('seat'), ended?.person ?? NOT_SHOWN, '');
      return;
    }
    const about = text('person') ?? text('to') ?? text('holder');
    const seat = text('seat');
    const who = entry.kind === 'seat.appointed' && about === null && entry.withheld === 0 ? 'nobody' : person(about);
    if (id !== null) begun.set(id, { seat, person: who });
    add(seat, entry.kind === 'seat.recalled' || entry.kind === 'handover.cancelled' ? '' : who, detailOf(entry, nameOf));
  };
  return {
    take,
    facts: () => [{ label: 'Changes of seats, absences and voting keys', value: changes }],
    tables: () => [
      rows.table({
        title: 'Seats',
        note: 'A handover takes effect at its time, if it was accepted by then; when a charter is adopted its text seats everybody anew.',
        columns: [
          { key: 'entry', title: 'Entry', align: 'right' },
          { key: 'time', title: 'Time (UTC)' },
          { key: 'what', title: 'What' },
          { key: 'seat', title: 'Seat' },
          { key: 'who', title: 'Who' },
          { key: 'detail', title: 'Detail' },
          { key: 'by', title: 'By' },
        ],
        none: 'No seat changed in this period.',
      }),
    ],
  };
}

type CharterSeatRow = { readonly seat: string | null; readonly holder: string; readonly detail: string };

function charterSeats(entry: ReportEntry, { nameOf, seatsOf }: Pick<ReportOptions, 'nameOf' | 'seatsOf'>): CharterSeatRow[] {
  const text = textIn(entry, 'data.charterText');
  const seats = text === null || seatsOf === undefined ? null : seatsOf(text);
  if (seats === null) return [{ seat: null, holder: NOT_SHOWN, detail: 'the seats of its text are not shown here' }];
  return seats.map(({ seat, holder, alternates, term }) => ({
    seat,
    holder: holder === null ? 'nobody' : nameOf(holder),
    detail: [
      `alternates: ${alternates.map(nameOf).join(', ') || 'none'}`,
      ...(term === null ? [] : [`term ${term.from} to ${term.until}`]),
    ].join('; '),
  }));
}

function detailOf(entry: ReportEntry, nameOf: ReportOptions['nameOf']): string {
  const text = (name: string) => textIn(entry, `data.${name}`);
  const parts: string[] = [];
  if (entry.fields['data.alternates'] !== undefined) parts.push(`alternates: ${peopleIn(entry, 'data.alternates', nameOf)}`);
  const [effectiveAt, fromTime, until, grant] = ['effectiveAt', 'fromTime', 'until', 'grant'].map(text);
  if (effectiveAt != null) parts.push(`from ${effectiveAt}`);
  if (fromTime != null) parts.push(`from ${fromTime}`);
  if (until != null) parts.push(`until ${until}`);
  if (grant != null) parts.push(grant.replace('_', ' '));
  if (entry.fields['data.earlier'] !== undefined) parts.push('signed by an earlier one');
  else if (entry.kind === 'voter.enrolled' && text('proposal') !== null) parts.push('granted by a quorum');
  return parts.join('; ');
}
