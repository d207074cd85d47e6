import { useMutation, useQueryClient } from '@tanstack/react-query';
import { RollbackAck } from '@wheelhouse/protocol/policy-view';
import { useState } from 'react';
import { ActDialog, ReasonField, textIn } from '../content/act-dialog.tsx';
import { newId } from '../live/new-id.ts';
import { call } from '../rest/call.ts';
import { policyQuery } from './policy-queries.ts';
import { shortDigest } from './policy-words.ts';

/** One person goes back to the bundle of before: an order, in force when it is answered. */
export function RollbackDialog({ to, onClose }: { to: { readonly digest: string; readonly name: string }; onClose: () => void }) {
  const queries = useQueryClient();
  // One id for this dialog: sent again after a cut, it goes back once.
  const [id] = useState(newId);
  const rollBack = useMutation({
    mutationFn: (reason: string) => call(RollbackAck, 'POST', '/v1/policy/rollback', { id, reason }),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: policyQuery.queryKey });
      onClose();
    },
  });
  return (
    <ActDialog
      title="Roll the policy back"
      verb="Roll back now"
      testId="rollback-submit"
      isPending={rollBack.isPending}
      error={rollBack.error}
      onSubmit={(form) => {
        rollBack.mutate(textIn(form, 'reason'));
      }}
      onClose={onClose}
    >
      <p>
        The bundle <b>{to.name}</b> (<code title={to.digest}>{shortDigest(to.digest)}</code>) is in force again at once, for every session.
        It takes nobody else; your reason is in the ledger. Changing it again takes a proposal.
      </p>
      <ReasonField />
    </ActDialog>
  );
}
