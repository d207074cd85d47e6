import { useMutation, useQueryClient } from '@tanstack/react-query';
import { ProposalView } from '@wheelhouse/protocol/proposal';
import { useState } from 'react';
import { ActDialog, textIn } from '../content/act-dialog.tsx';
import { call } from '../rest/call.ts';
import { proposalAnswered } from './approvals-queries.ts';

/** What besides a vote somebody can do about an open proposal: its proposer can withdraw it, anybody else step aside. */
export function ProposalActs({ view }: { view: ProposalView }) {
  const [open, setOpen] = useState<'withdraw' | 'conflict' | null>(null);
  const close = () => {
    setOpen(null);
  };
  const { proposer, excluded, seats } = view.yours;
  return (
    <div className="proposal-acts">
      {proposer && (
        <button
          type="button"
          data-testid="withdraw"
          onClick={() => {
            setOpen('withdraw');
          }}
        >
          Withdraw…
        </button>
      )}
      {!proposer && excluded === null && seats.length > 0 && view.state === 'open' && (
        <button
          type="button"
          className="quiet"
          data-testid="declare-conflict"
          onClick={() => {
            setOpen('conflict');
          }}
        >
          Declare a conflict of interest…
        </button>
      )}
      {open === 'withdraw' && <WithdrawDialog id={view.id} onClose={close} />}
      {open === 'conflict' && <ConflictDialog id={view.id} onClose={close} />}
    </div>
  );
}

function useAct(id: string, act: 'withdraw' | 'conflict', onClose: () => void) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (reason: string) => call(ProposalView, 'POST', `/v1/proposals/${id}/${act}`, { reason }),
    onSuccess: async (answer) => {
      await proposalAnswered(queries, answer);
      onClose();
    },
  });
}

function WithdrawDialog({ id, onClose }: { id: string; onClose: () => void }) {
  const withdraw = useAct(id, 'withdraw', onClose);
  return (
    <ActDialog
      title="Withdraw the proposal"
      verb="Withdraw it"
      testId="withdraw-submit"
      isPending={withdraw.isPending}
      error={withdraw.error}
      onSubmit={(form) => {
        withdraw.mutate(textIn(form, 'reason'));
      }}
      onClose={onClose}
    >
      <p>Votes that were cast for it count for nothing. To have it after all, it has to be proposed again.</p>
      <OptionalReason />
    </ActDialog>
  );
}

function ConflictDialog({ id, onClose }: { id: string; onClose: () => void }) {
  const declare = useAct(id, 'conflict', onClose);
  return (
    <ActDialog
      title="Declare a conflict of interest"
      verb="Declare it"
      testId="conflict-submit"
      isPending={declare.isPending}
      error={declare.error}
      onSubmit={(form) => {
        declare.mutate(textIn(form, 'reason'));
      }}
      onClose={onClose}
    >
      <p>
        Your yes or no does not count on this proposal from then on, and one that you cast already counts no more. It stands in the ledger.
      </p>
      <OptionalReason />
    </ActDialog>
  );
}

function OptionalReason() {
  return (
    <label>
      Reason (optional)
      <textarea name="reason" maxLength={500} rows={2} data-testid="act-reason" />
    </label>
  );
}
