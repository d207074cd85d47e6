import { useMutation } from '@tanstack/react-query';
import { Release, type Latch, type ReleaseOrder } from '@wheelhouse/protocol/order';
import { scopeInWords } from '@wheelhouse/protocol/scope';
import { useId, useState } from 'react';
import { newId } from '../live/new-id.ts';
import { useLive } from '../live/live.ts';
import { call } from '../rest/call.ts';
import { Dialog } from '../shell/dialog.tsx';
import { ProblemNote } from '../shell/problem-note.tsx';
import { latchInWords, timeOf } from './order-words.ts';

/** Asking for a release: deliberate, with a reason, and nothing changes until another person confirms. */
export function AskReleaseDialog({ latch, onClose }: { latch: Latch; onClose: () => void }) {
  const { store } = useLive();
  // One id for this dialog: pressing twice, or again after a cut, asks once.
  const [id] = useState(newId);
  const reason = useId();
  const ask = useMutation({
    mutationFn: (request: ReleaseOrder) => call(Release, 'POST', '/v1/orders', request),
    onSuccess: (release) => {
      store.apply({ event: 'release', data: release }, performance.now());
      onClose();
    },
  });
  return (
    <Dialog title="Ask for release" onClose={onClose}>
      <form
        className="form"
        onSubmit={(event) => {
          event.preventDefault();
          const text = new FormData(event.currentTarget).get('reason');
          if (typeof text === 'string' && text.trim() !== '') ask.mutate({ id, kind: 'release', latch: latch.order, reason: text.trim() });
        }}
      >
        <p>
          <strong>{latchInWords(latch)}</strong> over {scopeInWords(latch.scope)}, given by {latch.authorName} at {timeOf(latch.givenAt)}.
        </p>
        <p>Nothing changes until another person confirms it or, where a charter is in force, enough people have voted for it.</p>
        <label htmlFor={reason}>Why may the engine go on?</label>
        <textarea id={reason} name="reason" required maxLength={500} rows={3} data-testid="release-reason" />
        <ProblemNote error={ask.error} />
        <div className="actions">
          <button type="button" onClick={onClose}>
            Leave it in force
          </button>
          <button type="submit" className="primary" disabled={ask.isPending} data-testid="release-submit">
            Ask for release
          </button>
        </div>
      </form>
    </Dialog>
  );
}

export function ConfirmReleaseDialog({ latch, release, onClose }: { latch: Latch; release: Release; onClose: () => void }) {
  const { store } = useLive();
  const confirm = useMutation({
    mutationFn: () => call(Release, 'POST', `/v1/releases/${release.id}/confirm`),
    onSuccess: (confirmed) => {
      store.apply({ event: 'release', data: confirmed }, performance.now());
      onClose();
    },
  });
  return (
    <Dialog title="Confirm release" onClose={onClose}>
      <div className="form">
        <p>
          <strong>{latchInWords(latch)}</strong> over {scopeInWords(latch.scope)}, given by {latch.authorName} at {timeOf(latch.givenAt)}
          {latch.reason === '' ? '.' : `: ${latch.reason}`}
        </p>
        <blockquote>
          <p>{release.reason}</p>
          <footer>
            {release.askedByName}, {timeOf(release.askedAt)}
          </footer>
        </blockquote>
        <p>Once this is in the ledger, the engine may go on.</p>
        <ProblemNote error={confirm.error} />
        <div className="actions">
          <button type="button" onClick={onClose}>
            Leave it in force
          </button>
          <button
            type="button"
            className="primary"
            data-testid="confirm-release-submit"
            disabled={confirm.isPending}
            onClick={() => {
              confirm.mutate();
            }}
          >
            Confirm release
          </button>
        </div>
      </div>
    </Dialog>
  );
}
