import { durationInWords } from '@wheelhouse/charter/duration';
import type { CharterView, PowerView } from '@wheelhouse/protocol/charter-view';
import { POWER_WORDS } from '../approvals/power-words.ts';
import { excludedInWords } from './charter-words.ts';

export function PowersTable({ view }: { view: CharterView }) {
  return (
    <div className="charter-scroll">
      <table className="charter-table" data-testid="powers-table">
        <thead>
          <tr>
            <th scope="col">Power</th>
            <th scope="col">Takes</th>
            <th scope="col">Time</th>
            <th scope="col">Veto and exclusion</th>
            <th scope="col">Break glass</th>
          </tr>
        </thead>
        <tbody>
          {view.powers.map((power) => (
            <tr key={power.power}>
              <th scope="row">
                <code>{power.power}</code>
                <small>{POWER_WORDS[power.power]}</small>
              </th>
              <td className="charter-takes">{power.quorum}</td>
              <td>
                <Times power={power} />
              </td>
              <td>
                <Limits power={power} />
              </td>
              <td>
                <Glass glass={power.breakGlass} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Times({ power }: { power: PowerView }) {
  return (
    <ul className="charter-times">
      <li>{durationInWords(power.voteWithinMs)} to vote</li>
      <li>{durationInWords(power.executeWithinMs)} to carry it out</li>
      {power.noticeMs > 0 && <li>{durationInWords(power.noticeMs)} of notice at least</li>}
    </ul>
  );
}

function Limits({ power: { vetoSeats, excludes } }: { power: PowerView }) {
  const excluded = excludedInWords(excludes);
  if (vetoSeats.length === 0 && excluded === null) return <span className="soft">none</span>;
  return (
    <ul>
      {vetoSeats.length > 0 && <li>may veto: {vetoSeats.join(', ')}</li>}
      {excluded !== null && <li>never vote: {excluded}</li>}
    </ul>
  );
}

function Glass({ glass }: { glass: PowerView['breakGlass'] }) {
  if (glass === null) return <span className="soft">none</span>;
  return (
    <>
      {glass.people} people of {glass.seats.join(', ')}, for {durationInWords(glass.timeBoxMs)}
      <small>
        reviewed within {durationInWords(glass.reviewWithinMs)}; overdue, nothing runs above level {glass.overdueCeiling}
      </small>
    </>
  );
}
