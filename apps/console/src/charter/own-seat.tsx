import { useMutation } from '@tanstack/react-query';
import { CharterView, HandoverChallenge, type SeatView } from '@wheelhouse/protocol/charter-view';
import { useState } from 'react';
import { call } from '../rest/call.ts';
import { ProblemNote } from '../shell/problem-note.tsx';
import { useMe } from '../shell/use-me.ts';
import { useNow } from '../shell/use-now.ts';
import { TimeFrom } from '../approvals/time-shown.tsx';
import { signHandover } from './sign-handover.ts';
import { useAdoptCharter } from './charter-queries.ts';
import { DelegateDialog } from './delegate-dialog.tsx';
import { HandOverDialog } from './hand-over-dialog.tsx';
import { LeaveSeatDialog } from './leave-seat-dialog.tsx';
import { bodyTitle, nameIn, representedBecause, standingInWords, standingOf, termState } from './seat-words.ts';
import { TermNote } from './seats-table.tsx';

type Own = { readonly view: CharterView; readonly seat: SeatView };

/** A seat of the reader's: what they are to it, who speaks for it now, and what they can do about it without asking anybody. */
export function OwnSeat({ view, seat }: Own) {
  const { me } = useMe();
  const now = useNow();
  const person = me.principal.person;
  const standing = standingOf(seat, person);
  const speaks = seat.represented === person;
  return (
    <li className="charter-own-seat" data-testid={`own-${seat.id}`}>
      <p>
        <b>{seat.id}</b> <span className="soft">{bodyTitle(view, seat.body)}</span>
      </p>
      <p>You are {standingInWords(standing)}.</p>
      <p className="soft">
        {speaks ? (
          <b>You represent it now</b>
        ) : (
          `${seat.represented === null ? 'Nobody' : nameIn(view, seat.represented)} represents it now`
        )}{' '}
        ({representedBecause(view, seat, now)}). Term: <TermNote seat={seat} now={now} />.
      </p>
      {seat.handover !== null && <Handover view={view} seat={seat} handover={seat.handover} person={person} />}
      <OwnActions
        view={view}
        seat={seat}
        mayHandOver={standing?.as === 'holder' && ['open', 'within'].includes(termState(seat, now))}
        speaks={speaks}
      />
    </li>
  );
}

function OwnActions({ view, seat, mayHandOver, speaks }: Own & { mayHandOver: boolean; speaks: boolean }) {
  const [open, setOpen] = useState<'hand over' | 'delegate' | 'leave' | null>(null);
  const close = () => {
    setOpen(null);
  };
  const noAlternate = seat.alternates.length === 0;
  return (
    <>
      <div className="charter-actions">
        {mayHandOver && (
          <button
            type="button"
            data-testid={`hand-over-${seat.id}`}
            disabled={seat.handover !== null || noAlternate}
            title={noAlternate ? 'It has no alternate to hand it over to; anybody else takes a vote.' : undefined}
            onClick={() => {
              setOpen('hand over');
            }}
          >
            Hand over
          </button>
        )}
        {view.delegationAllowed && speaks && (
          <button
            type="button"
            data-testid={`delegate-${seat.id}`}
            onClick={() => {
              setOpen('delegate');
            }}
          >
            Delegate its vote
          </button>
        )}
        <button
          type="button"
          data-testid={`leave-${seat.id}`}
          onClick={() => {
            setOpen('leave');
          }}
        >
          Leave the seat
        </button>
      </div>
      {open === 'hand over' && <HandOverDialog view={view} seat={seat} onClose={close} />}
      {open === 'delegate' && <DelegateDialog view={view} seat={seat} onClose={close} />}
      {open === 'leave' && <LeaveSeatDialog view={view} seat={seat} onClose={close} />}
    </>
  );
}

type UnderWay = Own & { readonly handover: NonNullable<SeatView['handover']>; readonly person: string };

function Handover({ view, seat, handover, person }: UnderWay) {
  const adopt = useAdoptCharter();
  const path = `/v1/charter/seats/${seat.id}/handover`;
  const accept = useMutation({
    mutationFn: async () => {
      const asked = await call(HandoverChallenge, 'GET', path);
      const signed = await signHandover({ seat: seat.id, to: handover.to, effectiveAt: handover.effectiveAt }, asked);
      return call(CharterView, 'POST', `${path}/accept`, { signed });
    },
    onSuccess: adopt,
  });
  const cancel = useMutation({ mutationFn: () => call(CharterView, 'POST', `${path}/cancel`), onSuccess: adopt });
  const isMine = handover.to === person;
  return (
    <div className="charter-handover" data-testid={`handover-${seat.id}`}>
      <p>
        It passes to {isMine ? 'you' : nameIn(view, handover.to)} <TimeFrom iso={handover.effectiveAt} />
        {handover.accepted
          ? ': accepted.'
          : isMine
            ? ', if you accept it before then with your passkey.'
            : ', if it is accepted before then. Without that it lapses.'}
      </p>
      <div className="charter-actions">
        {isMine && !handover.accepted && (
          <button
            type="button"
            className="primary"
            data-testid={`accept-${seat.id}`}
            disabled={accept.isPending}
            onClick={() => {
              accept.mutate();
            }}
          >
            {accept.isPending ? 'Waiting for your passkey…' : 'Accept it with a passkey'}
          </button>
        )}
        {(isMine || seat.holder === person) && (
          <button
            type="button"
            data-testid={`cancel-handover-${seat.id}`}
            disabled={cancel.isPending}
            onClick={() => {
              cancel.mutate();
            }}
          >
            {isMine && !handover.accepted ? 'Decline it' : 'Call it off'}
          </button>
        )}
      </div>
      <ProblemNote error={accept.error ?? cancel.error} />
    </div>
  );
}
