import { useMutation } from '@tanstack/react-query';
import { CharterView, type SeatView } from '@wheelhouse/protocol/charter-view';
import { useState } from 'react';
import { ActDialog, textIn } from '../content/act-dialog.tsx';
import { call } from '../rest/call.ts';
import { useMe } from '../shell/use-me.ts';
import { useAdoptCharter } from './charter-queries.ts';
import { bodyTitle, nameIn, standingOf } from './seat-words.ts';

/** Leaving can't be taken back by oneself: the seat's own id has to be typed. */
export function LeaveSeatDialog({ view, seat, onClose }: { view: CharterView; seat: SeatView; onClose: () => void }) {
  const { me } = useMe();
  const [wrong, setWrong] = useState<string | null>(null);
  const adopt = useAdoptCharter();
  const leave = useMutation({
    mutationFn: () => call(CharterView, 'POST', `/v1/charter/seats/${seat.id}/leave`),
    onSuccess: async (answer) => {
      await adopt(answer);
      onClose();
    },
  });

  function submit(form: FormData) {
    const isTyped = textIn(form, 'seat') === seat.id;
    setWrong(isTyped ? null : `Type ${seat.id}, as it is written above.`);
    if (isTyped) leave.mutate();
  }

  return (
    <ActDialog
      title={`Leave ${seat.id}`}
      verb="Leave the seat"
      keep="Keep it"
      testId="leave-submit"
      isPending={leave.isPending}
      error={wrong ?? leave.error}
      onSubmit={submit}
      onClose={onClose}
    >
      <p>
        {standingOf(seat, me.principal.person)?.as === 'holder'
          ? 'You stop holding this seat at once. Its alternates stand for it from then on, in their order; a handover that waits is off.'
          : 'You stop being an alternate for this seat at once.'}{' '}
        Nobody gives it back to you without a vote.
      </p>
      <After view={view} seat={seat} person={me.principal.person} />
      <label>
        Type <b>{seat.id}</b> to leave it
        <input name="seat" required autoComplete="off" autoCapitalize="off" spellCheck={false} data-testid="leave-typed" />
      </label>
    </ActDialog>
  );
}

/** Who is left, and that a body which is then too small lowers the ceiling. */
function After({ view, seat, person }: { view: CharterView; seat: SeatView; person: string }) {
  const left = [seat.holder, ...seat.alternates].flatMap((one) => (one === null || one === person ? [] : [nameIn(view, one)]));
  const body = view.bodies.find(({ id }) => id === seat.body);
  return (
    <>
      <p>{left.length === 0 ? 'Nobody is left for this seat.' : `Left for it: ${left.join(', ')}.`}</p>
      {body !== undefined && seat.represented === person && body.people - 1 < body.minimum && (
        <p className="charter-caution-note">
          {bodyTitle(view, seat.body)} needs {body.minimum} people and may have fewer then: nothing would run above level {body.ceiling}.
        </p>
      )}
    </>
  );
}
