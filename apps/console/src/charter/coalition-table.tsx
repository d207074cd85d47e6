import type { PowerId } from '@wheelhouse/protocol/charter';
import type { AnalysisView } from '@wheelhouse/protocol/charter-view';
import { POWER_WORDS } from '../approvals/power-words.ts';
import { routeInWords } from './charter-words.ts';

type Line = AnalysisView['powers'][number];

/** How many coalitions are named; the server has a few more. */
const SHOWN = 3;

/** The coalition analysis. With `compared`, the analysis of the charter in force, it says where the smallest coalition is another. */
export function CoalitionTable({ analysis, compared }: { analysis: AnalysisView; compared?: AnalysisView | undefined }) {
  return (
    <div className="charter-scroll">
      <table className="charter-table" data-testid="coalition-table">
        <thead>
          <tr>
            <th scope="col">Power</th>
            <th scope="col">Takes</th>
            <th scope="col">Smallest coalition</th>
            <th scope="col">For example</th>
            <th scope="col">One is enough</th>
            <th scope="col">One is needed</th>
          </tr>
        </thead>
        <tbody>
          {analysis.powers.map((line) => (
            <tr key={line.power} data-testid={`coalition-${line.power}`}>
              <th scope="row">
                <code>{line.power}</code>
                <small>{POWER_WORDS[line.power]}</small>
              </th>
              <td className="charter-takes">{line.quorum}</td>
              <td>
                <Smallest line={line} before={beforeOf(compared, line.power)} />
              </td>
              <td>
                <Examples line={line} />
              </td>
              <td>
                <Singled analysis={analysis} power={line.power} kind="autocrat" />
              </td>
              <td>
                <Singled analysis={analysis} power={line.power} kind="indispensable" />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      <Dropped analysis={analysis} compared={compared} />
    </div>
  );
}

function beforeOf(compared: AnalysisView | undefined, power: PowerId): Line | null {
  return compared?.powers.find((line) => line.power === power) ?? null;
}

function Smallest({ line, before }: { line: Line; before: Line | null }) {
  const isOther = before !== null && before.smallest !== line.smallest;
  return (
    <>
      {line.smallest === null ? (
        <b>nobody can</b>
      ) : (
        <b>
          {line.smallest} {line.smallest === 1 ? 'person' : 'people'}
        </b>
      )}
      {line.smallest !== null && line.smallest < line.bar && <span className="charter-mark"> below its bar of {line.bar}</span>}
      {isOther && <span className="charter-mark"> was {before.smallest ?? 'nobody'}</span>}
      <ul className="charter-routes">
        {line.routes.map(({ route, people }) => (
          <li key={route}>
            {people} {routeInWords(route)}
          </li>
        ))}
      </ul>
    </>
  );
}

function Examples({ line }: { line: Line }) {
  const shown = line.examples.slice(0, SHOWN);
  const more = line.minimal === null ? 'and many more' : line.minimal > shown.length ? `and ${line.minimal - shown.length} more` : null;
  return (
    <ul className="charter-examples">
      {shown.map((names) => (
        <li key={names.join('+')}>{names.join(' + ')}</li>
      ))}
      {more !== null && shown.length > 0 && <li className="soft">{more}</li>}
    </ul>
  );
}

function Singled({ analysis, power, kind }: { analysis: AnalysisView; power: PowerId; kind: 'autocrat' | 'indispensable' }) {
  const people = analysis.breaches.filter((breach) => breach.power === power && breach.kind === kind).flatMap((breach) => breach.people);
  return people.length === 0 ? <span className="soft">no one</span> : <span className="charter-mark">{people.join(', ')}</span>;
}

/** Powers that the charter in force has and this one would not. */
function Dropped({ analysis, compared }: { analysis: AnalysisView; compared: AnalysisView | undefined }) {
  const dropped = (compared?.powers ?? []).filter(({ power }) => analysis.powers.every((line) => line.power !== power));
  if (dropped.length === 0) return null;
  return (
    <p>
      <span className="charter-mark">No longer there:</span> {dropped.map(({ power }) => power).join(', ')}. Nobody could exercise{' '}
      {dropped.length === 1 ? 'it' : 'them'} any more.
    </p>
  );
}
