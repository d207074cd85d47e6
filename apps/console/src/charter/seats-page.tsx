import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { CharterView, SeatView } from '@wheelhouse/protocol/charter-view';
import { useState } from 'react';
import { ProblemNote } from '../shell/problem-note.tsx';
import { useMe } from '../shell/use-me.ts';
import { Absences } from './absences.tsx';
import { charterQuery } from './charter-queries.ts';
import { Delegations } from './delegations.tsx';
import { OwnSeat } from './own-seat.tsx';
import { RecallDialog } from './recall-dialog.tsx';
import { SeatChangeDialog } from './seat-change-dialog.tsx';
import { SeatsTable } from './seats-table.tsx';

/** Whose seat is whose, and what the reader can do: with their own seats by themselves, with any seat by proposing it. */
export function SeatsPage() {
  const { data: view, error } = useQuery(charterQuery);
  return (
    <div className="charter-page">
      <h1>Seats and absence</h1>
      <ProblemNote error={error} />
      {view !== undefined && (view.inForce === null ? <NoSeats /> : <Seats view={view} />)}
    </div>
  );
}

function NoSeats() {
  return (
    <p>
      There is no charter yet, and so there are no seats. <Link to="/charter">What that means</Link>
    </p>
  );
}

function Seats({ view }: { view: CharterView }) {
  const { ability } = useMe();
  const mine = view.seats.filter(({ id }) => view.yours.includes(id));
  return (
    <>
      <section className="charter-card" aria-labelledby="your-seats">
        <h2 id="your-seats">Your seats</h2>
        {mine.length === 0 && <p className="soft">You hold no seat and are nobody's alternate.</p>}
        <ul className="charter-own">
          {mine.map((seat) => (
            <OwnSeat key={seat.id} view={view} seat={seat} />
          ))}
        </ul>
      </section>
      <div className="charter-columns">
        <Absences view={view} />
        <Delegations view={view} />
      </div>
      <section className="charter-card" aria-labelledby="all-seats">
        <h2 id="all-seats">All seats</h2>
        {ability.can('propose', 'Proposal') ? (
          <>
            <p className="soft">Giving a seat to somebody else and taking it from its holder take a vote under the charter.</p>
            <AllSeats view={view} />
          </>
        ) : (
          <SeatsTable view={view} />
        )}
      </section>
    </>
  );
}

type Open = { readonly dialog: 'change' | 'recall'; readonly seat: SeatView } | null;

function AllSeats({ view }: { view: CharterView }) {
  const [open, setOpen] = useState<Open>(null);
  const close = () => {
    setOpen(null);
  };
  const has = (power: CharterView['powers'][number]['power']) => view.powers.some((one) => one.power === power);
  return (
    <>
      <SeatsTable
        view={view}
        actions={(seat) => (
          <>
            <button
              type="button"
              aria-label={`Propose a change of ${seat.id}`}
              data-testid={`change-${seat.id}`}
              disabled={!has('seat.change')}
              title={has('seat.change') ? undefined : 'The charter gives nobody the power seat.change.'}
              onClick={() => {
                setOpen({ dialog: 'change', seat });
              }}
            >
              Change
            </button>
            <button
              type="button"
              aria-label={`Propose to recall the holder of ${seat.id}`}
              data-testid={`recall-${seat.id}`}
              disabled={!has('seat.recall') || seat.holder === null}
              title={
                seat.holder === null
                  ? 'Nobody holds it.'
                  : has('seat.recall')
                    ? undefined
                    : 'The charter gives nobody the power seat.recall.'
              }
              onClick={() => {
                setOpen({ dialog: 'recall', seat });
              }}
            >
              Recall
            </button>
          </>
        )}
      />
      {open?.dialog === 'change' && <SeatChangeDialog view={view} seat={open.seat} onClose={close} />}
      {open?.dialog === 'recall' && <RecallDialog view={view} seat={open.seat} onClose={close} />}
    </>
  );
}
