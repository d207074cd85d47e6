import { useQuery } from '@tanstack/react-query';
import type { Hold } from '@wheelhouse/protocol/content';
import { useState } from 'react';
import { ProblemNote } from '../shell/problem-note.tsx';
import { useMe } from '../shell/use-me.ts';
import { holdsQuery } from './content-queries.ts';
import { timeAndDayOf } from './content-words.ts';
import { LiftHoldDialog, PlaceHoldDialog } from './hold-dialogs.tsx';
import { isMine } from './is-mine.ts';

type Open = { readonly dialog: 'place' } | { readonly dialog: 'lift'; readonly hold: Hold } | null;

export function Holds() {
  const { ability } = useMe();
  const { data: holds, error } = useQuery(holdsQuery);
  const [open, setOpen] = useState<Open>(null);
  const close = () => {
    setOpen(null);
  };
  return (
    <section className="custody" aria-label="Legal holds">
      <header>
        <h2>Legal holds</h2>
        {ability.can('place', 'Hold') && (
          <button
            type="button"
            data-testid="place-hold"
            onClick={() => {
              setOpen({ dialog: 'place' });
            }}
          >
            Place a hold
          </button>
        )}
      </header>
      <ProblemNote error={error} />
      {holds?.length === 0 && <p className="soft">Nothing is on hold, and nothing was.</p>}
      <ul>
        {holds?.map((hold) => (
          <HoldCard
            key={hold.id}
            hold={hold}
            onLift={() => {
              setOpen({ dialog: 'lift', hold });
            }}
          />
        ))}
      </ul>
      {open?.dialog === 'place' && <PlaceHoldDialog onClose={close} />}
      {open?.dialog === 'lift' && <LiftHoldDialog hold={open.hold} onClose={close} />}
    </section>
  );
}

function HoldCard({ hold, onLift }: { hold: Hold; onLift: () => void }) {
  const { me, ability } = useMe();
  const mine = isMine(hold.placedBy, me);
  return (
    <li className={`custody-card ${hold.liftedAt === null ? '' : 'custody-over'}`} data-testid={`hold-${hold.id}`}>
      <p>
        <b>{hold.liftedAt === null ? 'In force' : 'Lifted'}</b> over {hold.subject === null ? 'session ' : ''}
        <code>{hold.subject ?? hold.session}</code>
      </p>
      <p>{hold.reason}</p>
      <p className="soft">
        Placed by {hold.placedByName}, {timeAndDayOf(hold.placedAt)}
        {hold.liftedAt === null ? '' : `; lifted ${timeAndDayOf(hold.liftedAt)}`}
      </p>
      {hold.liftedAt === null && mine && <p className="soft">You placed it: another person has to lift it.</p>}
      {hold.liftedAt === null && !mine && ability.can('lift', 'Hold') && (
        <button type="button" data-testid="lift-hold" onClick={onLift}>
          Lift
        </button>
      )}
    </li>
  );
}
