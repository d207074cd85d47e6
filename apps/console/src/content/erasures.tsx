import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Erasure, type ErasureState } from '@wheelhouse/protocol/content';
import { useState } from 'react';
import { useDecidedByVotes, VotesLink } from '../approvals/votes-link.tsx';
import { call } from '../rest/call.ts';
import { ProblemNote } from '../shell/problem-note.tsx';
import { useMe } from '../shell/use-me.ts';
import { erasuresQuery } from './content-queries.ts';
import { timeAndDayOf } from './content-words.ts';
import { AskErasureDialog, ConfirmErasureDialog } from './erasure-dialogs.tsx';
import { isMine } from './is-mine.ts';

const STATES: Readonly<Record<ErasureState, string>> = { waiting: 'Waits for another person', withdrawn: 'Withdrawn', confirmed: 'Erased' };

type Open = { readonly dialog: 'ask' } | { readonly dialog: 'confirm'; readonly erasure: Erasure } | null;

export function Erasures() {
  const { ability } = useMe();
  const { data: erasures, error } = useQuery(erasuresQuery);
  const [open, setOpen] = useState<Open>(null);
  const close = () => {
    setOpen(null);
  };
  return (
    <section className="custody" aria-label="Erasures">
      <header>
        <h2>Erasures</h2>
        {ability.can('ask', 'Erasure') && (
          <button
            type="button"
            data-testid="ask-erasure"
            onClick={() => {
              setOpen({ dialog: 'ask' });
            }}
          >
            Ask for an erasure
          </button>
        )}
      </header>
      <ProblemNote error={error} />
      {erasures?.length === 0 && <p className="soft">Nobody was erased, and nobody asked for it.</p>}
      <ul>
        {erasures?.map((erasure) => (
          <ErasureCard
            key={erasure.id}
            erasure={erasure}
            onConfirm={() => {
              setOpen({ dialog: 'confirm', erasure });
            }}
          />
        ))}
      </ul>
      {open?.dialog === 'ask' && <AskErasureDialog onClose={close} />}
      {open?.dialog === 'confirm' && <ConfirmErasureDialog erasure={open.erasure} onClose={close} />}
    </section>
  );
}

function ErasureCard({ erasure, onConfirm }: { erasure: Erasure; onConfirm: () => void }) {
  return (
    <li className={`custody-card ${erasure.state === 'waiting' ? '' : 'custody-over'}`} data-testid={`erasure-${erasure.id}`}>
      <p>
        <b>{STATES[erasure.state]}</b>: <code>{erasure.subject}</code>
      </p>
      <p>{erasure.reason}</p>
      <p className="soft">
        Asked for by {erasure.askedByName}, {timeAndDayOf(erasure.askedAt)}
        {erasure.confirmedAt === null ? '' : `; erased ${timeAndDayOf(erasure.confirmedAt)}, ledger entry ${erasure.entry ?? ''}`}
      </p>
      {erasure.state === 'waiting' && <Decide erasure={erasure} onConfirm={onConfirm} />}
    </li>
  );
}

function Decide({ erasure, onConfirm }: { erasure: Erasure; onConfirm: () => void }) {
  const { me, ability } = useMe();
  const queries = useQueryClient();
  const withdraw = useMutation({
    mutationFn: () => call(Erasure, 'POST', `/v1/erasures/${erasure.id}/withdraw`),
    onSuccess: () => queries.invalidateQueries({ queryKey: erasuresQuery.queryKey }),
  });
  const mine = isMine(erasure.askedBy, me);
  if (useDecidedByVotes()) return <VotesLink id={erasure.id} />;
  return (
    <>
      {mine && <p className="soft">You asked for it: another person has to confirm.</p>}
      <div className="actions">
        {ability.can('ask', 'Erasure') && (
          <button
            type="button"
            className="quiet"
            data-testid="withdraw-erasure"
            disabled={withdraw.isPending}
            onClick={() => {
              withdraw.mutate();
            }}
          >
            Withdraw
          </button>
        )}
        {!mine && ability.can('confirm', 'Erasure') && (
          <button type="button" data-testid="confirm-erasure" onClick={onConfirm}>
            Confirm…
          </button>
        )}
      </div>
      <ProblemNote error={withdraw.error} />
    </>
  );
}
