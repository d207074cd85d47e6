import type { CharterView, SeatView } from '@wheelhouse/protocol/charter-view';
import type { ReactNode } from 'react';
import { useMe } from '../shell/use-me.ts';
import { useNow } from '../shell/use-now.ts';
import { TimeFrom } from '../approvals/time-shown.tsx';
import { bodyTitle, nameIn, representedBecause, termState } from './seat-words.ts';

/** All seats. `actions` adds a column with what can be done about each. */
export function SeatsTable({ view, actions }: { view: CharterView; actions?: (seat: SeatView) => ReactNode }) {
  return (
    <div className="charter-scroll">
      <table className="charter-table charter-seats" data-testid="seats-table">
        <thead>
          <tr>
            <th scope="col">Seat</th>
            <th scope="col">Holder</th>
            <th scope="col">Alternates, in order</th>
            <th scope="col">Represented now by</th>
            <th scope="col">Term</th>
            {actions !== undefined && <th scope="col">Propose</th>}
          </tr>
        </thead>
        <tbody>
          {view.seats.map((seat) => (
            <SeatRow key={seat.id} view={view} seat={seat} actions={actions} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function SeatRow({ view, seat, actions }: { view: CharterView; seat: SeatView; actions: ((seat: SeatView) => ReactNode) | undefined }) {
  const now = useNow();
  return (
    <tr data-testid={`seat-${seat.id}`}>
      <th scope="row">
        {seat.id}
        <small>{bodyTitle(view, seat.body)}</small>
      </th>
      <td>
        {seat.holder === null ? <span className="charter-mark">vacant</span> : <PersonName view={view} person={seat.holder} />}
        <HandoverNote view={view} seat={seat} />
      </td>
      <td>
        {seat.alternates.length === 0 && <span className="soft">none</span>}
        {seat.alternates.map((person, i) => (
          <span key={person}>
            {i > 0 && ', '}
            <PersonName view={view} person={person} />
          </span>
        ))}
      </td>
      <td data-testid={`represented-${seat.id}`}>
        {seat.represented === null ? <span className="charter-mark">nobody</span> : <PersonName view={view} person={seat.represented} />}
        <small>{representedBecause(view, seat, now)}</small>
      </td>
      <td>
        <TermNote seat={seat} now={now} />
      </td>
      {actions !== undefined && <td className="charter-row-actions">{actions(seat)}</td>}
    </tr>
  );
}

/** A person's name, with a word where it is the reader's own. */
export function PersonName({ view, person }: { view: Pick<CharterView, 'people'>; person: string }) {
  const { me } = useMe();
  return (
    <span title={person}>
      {nameIn(view, person)}
      {person === me.principal.person && <b className="charter-you"> (you)</b>}
    </span>
  );
}

function HandoverNote({ view, seat: { handover } }: { view: CharterView; seat: SeatView }) {
  if (handover === null) return null;
  return (
    <small>
      passes to <PersonName view={view} person={handover.to} /> <TimeFrom iso={handover.effectiveAt} />
      {handover.accepted ? ', accepted' : ', not accepted yet'}
    </small>
  );
}

/** How much of a term is left; in words also where it is over or has not begun. */
export function TermNote({ seat, now }: { seat: SeatView; now: number }) {
  if (seat.term === null) return <span className="soft">no end</span>;
  switch (termState(seat, now)) {
    case 'before':
      return (
        <>
          begins <TimeFrom iso={seat.term.from} />
        </>
      );
    case 'over':
      return (
        <span className="charter-mark">
          ended <TimeFrom iso={seat.term.until} />
        </span>
      );
    case 'open':
    case 'within':
      return (
        <>
          ends <TimeFrom iso={seat.term.until} />
        </>
      );
  }
}
