import { useMutation } from '@tanstack/react-query';
import { durationInWords } from '@wheelhouse/charter/duration';
import { CharterView, HandoverRequest, type SeatView } from '@wheelhouse/protocol/charter-view';
import { useState } from 'react';
import { ActDialog, textIn } from '../content/act-dialog.tsx';
import { call } from '../rest/call.ts';
import { useAdoptCharter } from './charter-queries.ts';
import { fromLocalField, nextHour, toLocalField } from './local-time.ts';
import { nameIn } from './seat-words.ts';

export function HandOverDialog({ view, seat, onClose }: { view: CharterView; seat: SeatView; onClose: () => void }) {
  const [earliest] = useState(() => nextHour(Date.now() + view.handoverNoticeMs));
  const [wrong, setWrong] = useState<string | null>(null);
  const adopt = useAdoptCharter();
  const announce = useMutation({
    mutationFn: (request: HandoverRequest) => call(CharterView, 'POST', `/v1/charter/seats/${seat.id}/handover`, request),
    onSuccess: async (answer) => {
      await adopt(answer);
      onClose();
    },
  });

  function submit(form: FormData) {
    const request = HandoverRequest.safeParse({ to: textIn(form, 'to'), effectiveAt: fromLocalField(textIn(form, 'effectiveAt')) });
    setWrong(request.success ? null : 'An alternate and a date with a time are needed.');
    if (request.success) announce.mutate(request.data);
  }

  return (
    <ActDialog
      title={`Hand over ${seat.id}`}
      verb="Announce the handover"
      testId="hand-over-submit"
      isPending={announce.isPending}
      error={wrong ?? announce.error}
      onSubmit={submit}
      onClose={onClose}
    >
      <p>
        You hold the seat until then, and it passes only if your successor accepts it with their passkey. The charter asks for{' '}
        {durationInWords(view.handoverNoticeMs)} of notice.
      </p>
      <label>
        To, one of its alternates
        <select name="to" data-testid="hand-over-to">
          {seat.alternates.map((person) => (
            <option key={person} value={person}>
              {nameIn(view, person)}
            </option>
          ))}
        </select>
      </label>
      <label>
        From when on (your local time)
        <input
          type="datetime-local"
          name="effectiveAt"
          required
          min={toLocalField(earliest)}
          defaultValue={toLocalField(earliest)}
          data-testid="hand-over-at"
        />
      </label>
    </ActDialog>
  );
}
