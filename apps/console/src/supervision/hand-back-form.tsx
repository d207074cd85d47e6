import { useMutation } from '@tanstack/react-query';
import { HandBack } from '@wheelhouse/protocol/supervision';
import { useId, useState } from 'react';
import { newId } from '../live/new-id.ts';
import { useLive } from '../live/live.ts';
import { call } from '../rest/call.ts';
import { ProblemNote } from '../shell/problem-note.tsx';

/** Hands the session back: asks for the release, with what the engine is to know when it goes on. */
export function HandBackForm({ session, latch }: { session: string; latch: string }) {
  const { store } = useLive();
  // One id for this form: pressing twice, or again after a cut, asks once.
  const [id] = useState(newId);
  const summary = useId();
  const hand = useMutation({
    mutationFn: (text: string) => call(HandBack, 'POST', `/v1/sessions/${session}/hand-back`, { id, latch, summary: text }),
    onSuccess: ({ release }) => {
      store.apply({ event: 'release', data: release }, performance.now());
    },
  });
  return (
    <form
      className="supervise-hand-back"
      onSubmit={(event) => {
        event.preventDefault();
        const text = new FormData(event.currentTarget).get('summary');
        if (typeof text === 'string' && text.trim() !== '') hand.mutate(text.trim());
      }}
    >
      <label htmlFor={summary}>Hand back: what must the engine know?</label>
      <textarea id={summary} name="summary" required maxLength={4000} rows={3} data-testid="hand-back-summary" />
      <small>It goes on once another person has confirmed the release, and does not greet anew.</small>
      <ProblemNote error={hand.error} />
      <button type="submit" className="primary" disabled={hand.isPending} data-testid="hand-back">
        Hand back…
      </button>
    </form>
  );
}
