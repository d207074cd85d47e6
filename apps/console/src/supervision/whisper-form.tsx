import { useMutation } from '@tanstack/react-query';
import { useId } from 'react';
import { ProblemNote } from '../shell/problem-note.tsx';
import type { SupervisionLine } from './supervision-line.ts';

/** Guidance that only the engine hears. */
export function WhisperForm({ line }: { line: SupervisionLine }) {
  const text = useId();
  const whisper = useMutation({ mutationFn: (words: string) => line.whisper(words) });
  return (
    <form
      className="supervise-whisper"
      onSubmit={(event) => {
        event.preventDefault();
        const form = event.currentTarget;
        const words = new FormData(form).get('text');
        if (typeof words !== 'string' || words.trim() === '') return;
        whisper.mutate(words.trim(), {
          onSuccess: () => {
            form.reset();
          },
        });
      }}
    >
      <label htmlFor={text}>Whisper to the engine</label>
      <input id={text} name="text" maxLength={1000} required autoComplete="off" data-testid="whisper-text" />
      <button type="submit" disabled={whisper.isPending} data-testid="whisper-send">
        Whisper
      </button>
      {whisper.isSuccess && <small role="status">The engine has it; the person does not.</small>}
      <ProblemNote error={whisper.error} />
    </form>
  );
}
