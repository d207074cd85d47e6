import { useMutation } from '@tanstack/react-query';
import { AbsenceRequest, CharterView } from '@wheelhouse/protocol/charter-view';
import { useState } from 'react';
import { ActDialog, textIn } from '../content/act-dialog.tsx';
import { newId } from '../live/new-id.ts';
import { call } from '../rest/call.ts';
import { useAdoptCharter } from './charter-queries.ts';
import { fromLocalField, nextHour, toLocalField } from './local-time.ts';

const DAY_MS = 86_400_000;

export function AbsenceDialog({ onClose }: { onClose: () => void }) {
  const [id] = useState(newId);
  const [now] = useState(() => Date.now());
  const [wrong, setWrong] = useState<string | null>(null);
  const adopt = useAdoptCharter();
  const declare = useMutation({
    mutationFn: (request: AbsenceRequest) => call(CharterView, 'POST', '/v1/charter/absences', request),
    onSuccess: async (answer) => {
      await adopt(answer);
      onClose();
    },
  });

  function submit(form: FormData) {
    const [from, until] = [fromLocalField(textIn(form, 'from')), fromLocalField(textIn(form, 'until'))];
    const request = AbsenceRequest.safeParse({ id, from, until });
    const isForward = from !== null && until !== null && from < until;
    setWrong(isForward ? null : 'You have to be back after you left.');
    if (request.success && isForward) declare.mutate(request.data);
  }

  return (
    <ActDialog
      title="Declare an absence"
      verb="Declare it"
      testId="declare-absence-submit"
      isPending={declare.isPending}
      error={wrong ?? declare.error}
      onSubmit={submit}
      onClose={onClose}
    >
      <p>
        While you are away your alternates stand for your seats, and your own vote does not count. You can end it whenever you are back.
      </p>
      <label>
        From (your local time)
        <input type="datetime-local" name="from" required defaultValue={toLocalField(now)} data-testid="absence-from" />
      </label>
      <label>
        Back (your local time)
        <input
          type="datetime-local"
          name="until"
          required
          defaultValue={toLocalField(nextHour(now + DAY_MS))}
          data-testid="absence-until"
        />
      </label>
    </ActDialog>
  );
}
