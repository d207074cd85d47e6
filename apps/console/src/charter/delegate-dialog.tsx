import { useMutation } from '@tanstack/react-query';
import { CharterView, DelegationRequest, type SeatView } from '@wheelhouse/protocol/charter-view';
import { useState } from 'react';
import { ActDialog, textIn } from '../content/act-dialog.tsx';
import { newId } from '../live/new-id.ts';
import { call } from '../rest/call.ts';
import { useMe } from '../shell/use-me.ts';
import { useAdoptCharter } from './charter-queries.ts';
import { fromLocalField, nextHour, toLocalField } from './local-time.ts';

const WEEK_MS = 604_800_000;

export function DelegateDialog({ view, seat, onClose }: { view: CharterView; seat: SeatView; onClose: () => void }) {
  const { me } = useMe();
  const [start] = useState(() => nextHour(Date.now()));
  const [id] = useState(newId);
  const [wrong, setWrong] = useState<string | null>(null);
  const adopt = useAdoptCharter();
  const delegate = useMutation({
    mutationFn: (request: DelegationRequest) => call(CharterView, 'POST', '/v1/charter/delegations', request),
    onSuccess: async (answer) => {
      await adopt(answer);
      onClose();
    },
  });

  function submit(form: FormData) {
    const [from, until] = [fromLocalField(textIn(form, 'start')), fromLocalField(textIn(form, 'end'))];
    const request = DelegationRequest.safeParse({ id, seat: seat.id, to: textIn(form, 'to'), start: from, end: until });
    const isForward = from !== null && until !== null && from < until;
    setWrong(request.success && isForward ? null : 'Somebody, and a beginning before an end, are needed.');
    if (request.success && isForward) delegate.mutate(request.data);
  }

  return (
    <ActDialog
      title={`Delegate the vote of ${seat.id}`}
      verb="Delegate it"
      testId="delegate-submit"
      isPending={delegate.isPending}
      error={wrong ?? delegate.error}
      onSubmit={submit}
      onClose={onClose}
    >
      <p>They may vote for the seat right after you, never on a proposal of yours or their own, and can't pass it on.</p>
      <label>
        To
        <select name="to" data-testid="delegate-to">
          {view.people
            .filter((person) => person.id !== me.principal.person)
            .map((person) => (
              <option key={person.id} value={person.id}>
                {person.name}
              </option>
            ))}
        </select>
      </label>
      <label>
        From (your local time)
        <input type="datetime-local" name="start" required defaultValue={toLocalField(start)} />
      </label>
      <label>
        Until (your local time)
        <input type="datetime-local" name="end" required defaultValue={toLocalField(start + WEEK_MS)} data-testid="delegate-until" />
      </label>
    </ActDialog>
  );
}
