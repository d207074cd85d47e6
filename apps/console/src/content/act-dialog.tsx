import type { ReactNode } from 'react';
import { Dialog } from '../shell/dialog.tsx';
import { ProblemNote } from '../shell/problem-note.tsx';

type Act = {
  readonly title: string;
  readonly verb: string;
  readonly testId: string;
  readonly isPending: boolean;
  readonly error: unknown;
  readonly onSubmit: (form: FormData) => void;
  readonly onClose: () => void;
  readonly children: ReactNode;
  /** On the button that does nothing. */
  readonly keep?: string;
};

/** A deliberate act: what it does in words, what it needs, and, where the server refuses, why. */
export function ActDialog({ title, verb, testId, isPending, error, onSubmit, onClose, children, keep = 'Leave it' }: Act) {
  return (
    <Dialog title={title} onClose={onClose}>
      <form
        className="form"
        onSubmit={(event) => {
          event.preventDefault();
          onSubmit(new FormData(event.currentTarget));
        }}
      >
        {children}
        <ProblemNote error={error} />
        <div className="actions">
          <button type="button" onClick={onClose}>
            {keep}
          </button>
          <button type="submit" className="primary" disabled={isPending} data-testid={testId}>
            {verb}
          </button>
        </div>
      </form>
    </Dialog>
  );
}

export function ReasonField() {
  return (
    <label>
      Reason
      <textarea name="reason" required maxLength={500} rows={2} data-testid="act-reason" />
    </label>
  );
}

/** A field of a form as text, without the blanks around it. */
export function textIn(form: FormData, name: string): string {
  const value = form.get(name);
  return typeof value === 'string' ? value.trim() : '';
}
