import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Hold, HoldRequest } from '@wheelhouse/protocol/content';
import { useState } from 'react';
import { newId } from '../live/new-id.ts';
import { call } from '../rest/call.ts';
import { ActDialog, ReasonField, textIn } from './act-dialog.tsx';
import { holdsQuery } from './content-queries.ts';

export function PlaceHoldDialog({ onClose }: { onClose: () => void }) {
  const [id] = useState(newId);
  const [over, setOver] = useState<'subject' | 'session'>('subject');
  const [wrong, setWrong] = useState<string | null>(null);
  const queries = useQueryClient();
  const place = useMutation({
    mutationFn: (request: HoldRequest) => call(Hold, 'POST', '/v1/holds', request),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: holdsQuery.queryKey });
      onClose();
    },
  });

  function submit(form: FormData) {
    const request = HoldRequest.safeParse({ id, [over]: textIn(form, 'target'), reason: textIn(form, 'reason') });
    setWrong(request.success ? null : 'A reason is needed, and a data subject or the whole id of a session.');
    if (request.success) place.mutate(request.data);
  }

  return (
    <ActDialog
      title="Place a legal hold"
      verb="Place the hold"
      testId="place-hold-submit"
      isPending={place.isPending}
      error={wrong ?? place.error}
      onSubmit={submit}
      onClose={onClose}
    >
      <p>What it covers is neither deleted when its time comes nor erased, until another person lifts it.</p>
      <fieldset className="choice">
        <legend>Over</legend>
        {(['subject', 'session'] as const).map((choice) => (
          <label key={choice}>
            <input
              type="radio"
              name="over"
              checked={over === choice}
              data-testid={`hold-over-${choice}`}
              onChange={() => {
                setOver(choice);
              }}
            />
            {choice === 'subject' ? 'a data subject' : 'one session'}
          </label>
        ))}
      </fieldset>
      <label>
        {over === 'subject' ? "Data subject: tenant/name, or a person's id" : 'Id of the session'}
        <input name="target" required maxLength={400} autoComplete="off" data-testid="hold-target" />
      </label>
      <ReasonField />
    </ActDialog>
  );
}

export function LiftHoldDialog({ hold, onClose }: { hold: Hold; onClose: () => void }) {
  const queries = useQueryClient();
  const lift = useMutation({
    mutationFn: (reason: string) => call(Hold, 'POST', `/v1/holds/${hold.id}/lift`, { reason }),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: holdsQuery.queryKey });
      onClose();
    },
  });
  return (
    <ActDialog
      title="Lift the hold"
      verb="Lift the hold"
      testId="lift-hold-submit"
      isPending={lift.isPending}
      error={lift.error}
      onSubmit={(form) => {
        lift.mutate(textIn(form, 'reason'));
      }}
      onClose={onClose}
    >
      <p>
        What <code>{hold.subject ?? hold.session}</code> has come to its time is deleted within the hour, and it can be erased again.
      </p>
      <ReasonField />
    </ActDialog>
  );
}
