import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type OverseerView, TrainingRequest } from '@wheelhouse/protocol/charter-view';
import { useState } from 'react';
import { ActDialog, textIn } from '../content/act-dialog.tsx';
import { send } from '../rest/call.ts';
import { overseersQuery } from './charter-queries.ts';

const YEAR_MS = 365 * 86_400_000;

export function TrainingDialog({ overseer, onClose }: { overseer: OverseerView; onClose: () => void }) {
  const [usual] = useState(() => new Date(Date.now() + YEAR_MS).toISOString().slice(0, 10));
  const [wrong, setWrong] = useState<string | null>(null);
  const queries = useQueryClient();
  const record = useMutation({
    mutationFn: (request: TrainingRequest) => send('POST', '/v1/training', request),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: overseersQuery.queryKey });
      onClose();
    },
  });

  function submit(form: FormData) {
    const request = TrainingRequest.safeParse({ person: overseer.person, until: `${textIn(form, 'until')}T00:00:00.000Z` });
    setWrong(request.success ? null : 'A day is needed.');
    if (request.success) record.mutate(request.data);
  }

  return (
    <ActDialog
      title={`Record training of ${overseer.name}`}
      verb="Record it"
      testId="training-submit"
      isPending={record.isPending}
      error={wrong ?? record.error}
      onSubmit={submit}
      onClose={onClose}
    >
      <p>It goes into the ledger with your name: you say that {overseer.name} was trained to decide.</p>
      <label>
        Valid until the beginning of (UTC)
        <input type="date" name="until" required defaultValue={usual} data-testid="training-until" />
      </label>
    </ActDialog>
  );
}
