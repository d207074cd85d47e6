import type { Breach, CoalitionReport, PowerReport } from '@wheelhouse/charter/analyse';
import { type Charter, nameOf } from '@wheelhouse/charter/charter';
import { instantText } from '@wheelhouse/charter/instant';

const SHOWN = 2;

/** The report as a table and, under it, each breach with its chain of acts. */
export function coalitionText(charter: Charter, report: CoalitionReport): string {
  const head = ['power', 'quorum', 'smallest coalition', 'for example', 'autocrat', 'indispensable'];
  const rows = report.powers.map((power) => rowOf(charter, power));
  return [
    `Who can do what from ${instantText(report.from)} on, through any chain of acts, when nobody else helps:`,
    '',
    ...table([head, ...rows]),
    '',
    ...verdict(report),
    '',
  ].join('\n');
}

function rowOf(charter: Charter, { power, quorum, smallest, routes, minimal, autocrats, indispensable }: PowerReport): readonly string[] {
  const by = routes.filter(({ people }) => people === smallest).map(({ route }) => ROUTE_WORDS[route]);
  const vote = routes.find(({ route, people }) => route === 'vote' && people !== smallest);
  const names = (ids: readonly string[]) => ids.map((id) => nameOf(charter, id)).join(' + ');
  const more = minimal.count === null ? 'and many more' : minimal.count > SHOWN ? `and ${minimal.count - SHOWN} more` : '';
  const examples = [...minimal.examples.slice(0, SHOWN).map(names), more].filter((text) => text !== '').join('; ');
  const size = smallest === null ? 'nobody' : `${smallest} by ${by[0] ?? ''}${vote === undefined ? '' : `, ${vote.people} by vote`}`;
  return [power, quorum, size, examples, names(autocrats) || 'no', names(indispensable) || 'no'];
}

const ROUTE_WORDS = { vote: 'vote', break_glass: 'break glass', amendment: 'amending', appointment: 'appointing' } as const;

function table(rows: readonly (readonly string[])[]): readonly string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row) => `  ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ')}`.trimEnd());
}

function verdict({ breaches, powers }: CoalitionReport): readonly string[] {
  if (breaches.length === 0) return [`Law 5 holds: none of the ${powers.length} powers is one person's, by any chain, and none needs one.`];
  return [`LAW 5 IS BROKEN, in ${breaches.length} ${breaches.length === 1 ? 'way' : 'ways'}:`, ...breaches.flatMap(breachText)];
}

function breachText({ kind, message, chain }: Breach): readonly string[] {
  return ['', `  ${kind}: ${message}`, ...chain.map((step, i) => `    ${chain.length > 1 ? `${i + 1}. ` : ''}${step}`)];
}
