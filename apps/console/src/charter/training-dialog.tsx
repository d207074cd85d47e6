import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type OverseerView, TrainingRequest } from '@wheelhouse/protocol/charter-view';
import { useState } from 'react';
import { ActDialog, textIn } from '../content/act-dialog.tsx';
import { send } from '../rest/call.ts';
import { charterQuery, overseersQuery } from './charter-queries.ts';

const YEAR_MS = 365 * 86_400_000;

export function TrainingDialog({ overseer, onClose }: { overseer: OverseerView; onClose: () => void }) {
  const [usual] = useState(() => new Date(Date.now() + YEAR_MS).toISOString().slice(0, 10));
  const [wrong, setWrong] = useState<string | null>(null);
  const queries = useQueryClient();
  const { data: charter } = useQuery(charterQuery);
  const record = useMutation({
    mutationFn: (request: TrainingRequest) => send('POST', '/v1/training', request),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: overseersQuery.queryKey });
      onClose();
    },
  });

  function submit(form: FormData) {
    const [kind, id] = textIn(form, 'role').split(' ', 2);
    const role = kind === 'power' ? { power: id } : kind === 'body' ? { body: id } : {};
    const request = TrainingRequest.safeParse({ person: overseer.person, until: `${textIn(form, 'until')}T00:00:00.000Z`, ...role });
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
        For
        <select name="role" defaultValue="all" data-testid="training-role">
          <option value="all">everything</option>
          {charter?.bodies.map(({ id, title }) => (
            <option key={id} value={`body ${id}`}>
              {title}: votes for its seats
            </option>
          ))}
          {charter?.powers.map(({ power }) => (
            <option key={power} value={`power ${power}`}>
              {power}
            </option>
          ))}
        </select>
      </label>
      <label>
        Valid until the beginning of (UTC)
        <input type="date" name="until" required defaultValue={usual} data-testid="training-until" />
      </label>
    </ActDialog>
  );
}
