import type { CharterView, SeatView } from '@wheelhouse/protocol/charter-view';
import { ActDialog, ReasonField, textIn } from '../content/act-dialog.tsx';
import { nameIn, namesIn } from './seat-words.ts';
import { usePropose } from './use-propose.ts';

export function RecallDialog({ view, seat, onClose }: { view: CharterView; seat: SeatView; onClose: () => void }) {
  const propose = usePropose(onClose);
  return (
    <ActDialog
      title={`Propose a recall from ${seat.id}`}
      verb="Open the proposal"
      testId="recall-submit"
      isPending={propose.isPending}
      error={propose.error}
      onSubmit={(form) => {
        propose.mutate({ act: { power: 'seat.recall', seat: seat.id }, reason: textIn(form, 'reason') });
      }}
      onClose={onClose}
    >
      <p>
        If it passes, {seat.holder === null ? 'nobody' : nameIn(view, seat.holder)} stops holding the seat, and{' '}
        {seat.alternates.length === 0 ? 'nobody stands for it' : `its alternates stand for it: ${namesIn(view, seat.alternates)}`}. It takes{' '}
        {view.powers.find(({ power }) => power === 'seat.recall')?.quorum ?? 'a quorum'}.
      </p>
      <ReasonField />
    </ActDialog>
  );
}
