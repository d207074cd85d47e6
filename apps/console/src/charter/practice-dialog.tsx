import { useNavigate } from '@tanstack/react-router';
import { useMutation } from '@tanstack/react-query';
import { ProposalView, type ProposalRequest } from '@wheelhouse/protocol/proposal';
import { scopeInWords } from '@wheelhouse/protocol/scope';
import { useState } from 'react';
import { emergencyOf } from '../approvals/glass-words.ts';
import { ActDialog, ReasonField, textIn } from '../content/act-dialog.tsx';
import { useLive } from '../live/live.ts';
import { newId } from '../live/new-id.ts';
import { useCell } from '../live/use-cell.ts';
import { latchInWords } from '../release/order-words.ts';
import { call } from '../rest/call.ts';
import { Dialog } from '../shell/dialog.tsx';

/** Proposes the release of a latch that must not be released, to see whether those who vote notice. */
export function PracticeDialog({ onClose }: { onClose: () => void }) {
  const { latches } = useCell(useLive().store.state);
  const navigate = useNavigate();
  // One id for this dialog: sent again after a cut, it opens no second one.
  const [id] = useState(newId);
  const [first] = [...latches.values()];
  const propose = useMutation({
    mutationFn: (request: ProposalRequest) => call(ProposalView, 'POST', '/v1/practice-proposals', request),
    onSuccess: async (proposal) => {
      onClose();
      await navigate({ to: '/approvals/$id', params: { id: proposal.id } });
    },
  });
  if (first === undefined)
    return (
      <Dialog title="Propose for practice" onClose={onClose}>
        <p>Nothing is stopped or held now. A practice proposal asks for the release of something that is.</p>
      </Dialog>
    );

  function submit(form: FormData) {
    const latch = latches.get(textIn(form, 'latch')) ?? first;
    if (latch !== undefined) propose.mutate({ id, act: emergencyOf(latch), reason: textIn(form, 'reason') });
  }

  return (
    <ActDialog
      title="Propose for practice"
      verb="Propose it"
      testId="practice-submit"
      isPending={propose.isPending}
      error={propose.error}
      onSubmit={submit}
      onClose={onClose}
    >
      <p>
        It looks like any other proposal until it has ended, and must be rejected: write a reason that does not hold. Whatever the vote,
        nothing is released; the record shows afterwards that it was for practice.
      </p>
      <label>
        Release
        <select name="latch" data-testid="practice-latch">
          {[...latches.values()].map((latch) => (
            <option key={latch.order} value={latch.order}>
              {latchInWords(latch)}, {scopeInWords(latch.scope)}
            </option>
          ))}
        </select>
      </label>
      <ReasonField />
    </ActDialog>
  );
}
