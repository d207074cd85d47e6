import type { Action, ActionVerdict } from '@wheelhouse/protocol/action';
import { LONGEST_ARGUMENTS } from '@wheelhouse/protocol/tool-call';
import { useEffect, useId, useRef, useState, type ReactNode } from 'react';
import { grouped, pretty, readArguments } from './action-words.ts';

type Form = { readonly action: Action; readonly decide: (verdict: ActionVerdict) => void; readonly isPending: boolean };

/** Approves exactly what is shown. */
export function ApproveForm({ action, decide, isPending }: Form) {
  const [reason, setReason] = useState('');
  return (
    <VerdictForm
      submit="Approve exactly this"
      isPending={isPending}
      onSubmit={() => {
        decide({ outcome: 'approve', digest: action.digest, reason: reason.trim() });
      }}
    >
      <Reason label="Reason (optional)" value={reason} onChange={setReason} />
      <p className="soft">It may be done once, with exactly these arguments. Any change needs a new decision.</p>
    </VerdictForm>
  );
}

/** Approves other arguments than those that were asked for. */
export function EditForm({ action, decide, isPending }: Form) {
  const asked = pretty(action.arguments);
  const [text, setText] = useState(asked);
  const [reason, setReason] = useState('');
  const typed = readArguments(action, text);
  const isSame = typed.ok && typed.digest === action.digest;
  const status = useId();
  return (
    <VerdictForm
      submit="Approve with these changes"
      isPending={isPending}
      isReady={typed.ok && !isSame}
      onSubmit={() => {
        if (typed.ok) decide({ outcome: 'edit', digest: action.digest, arguments: typed.value, reason: reason.trim() });
      }}
    >
      <label>
        New arguments (JSON)
        <textarea
          className="json"
          value={text}
          rows={Math.min(18, Math.max(4, text.split('\n').length + 1))}
          aria-invalid={!typed.ok}
          aria-describedby={status}
          data-testid="edit-arguments"
          spellCheck={false}
          autoCapitalize="off"
          autoComplete="off"
          onChange={(event) => {
            setText(event.currentTarget.value);
          }}
        />
      </label>
      <p id={status} className={typed.ok ? 'digest' : 'problem'} role="status" data-testid="edit-status">
        {typed.ok ? (
          isSame ? (
            'Nothing is changed yet.'
          ) : (
            <>
              New digest <code data-testid="edit-digest">{grouped(typed.digest)}</code>
            </>
          )
        ) : (
          typed.message
        )}
      </p>
      <Reason label="Reason (optional)" value={reason} onChange={setReason} />
    </VerdictForm>
  );
}

/** Answers in the tool's place. */
export function AnswerForm({ action, decide, isPending }: Form) {
  const [answer, setAnswer] = useState('');
  return (
    <VerdictForm
      submit="Send this answer instead"
      isPending={isPending}
      isReady={answer.trim() !== ''}
      onSubmit={() => {
        decide({ outcome: 'answer', digest: action.digest, answer, reason: '' });
      }}
    >
      <label>
        What the agent gets in place of the tool’s result
        <textarea
          value={answer}
          rows={4}
          maxLength={LONGEST_ARGUMENTS}
          data-testid="answer-text"
          onChange={(event) => {
            setAnswer(event.currentTarget.value);
          }}
        />
      </label>
      <p className="soft">The tool is not called.</p>
    </VerdictForm>
  );
}

/** Turns it down. */
export function RejectForm({ action, decide, isPending }: Form) {
  const [reason, setReason] = useState('');
  return (
    <VerdictForm
      submit="Reject"
      isPending={isPending}
      isReady={reason.trim() !== ''}
      onSubmit={() => {
        decide({ outcome: 'reject', digest: action.digest, reason: reason.trim() });
      }}
    >
      <Reason label="Reason, which the agent is told" value={reason} onChange={setReason} />
    </VerdictForm>
  );
}

function Reason({ label, value, onChange }: { label: string; value: string; onChange: (reason: string) => void }) {
  return (
    <label>
      {label}
      <textarea
        value={value}
        rows={2}
        maxLength={500}
        data-testid="verdict-reason"
        onChange={(event) => {
          onChange(event.currentTarget.value);
        }}
      />
    </label>
  );
}

type FormFrame = {
  readonly submit: string;
  readonly isPending: boolean;
  readonly isReady?: boolean;
  readonly onSubmit: () => void;
  readonly children: ReactNode;
};

/** The form takes the focus when it opens, and is sent with Ctrl and Enter from any of its fields. */
function VerdictForm({ submit, isPending, isReady = true, onSubmit, children }: FormFrame) {
  const form = useRef<HTMLFormElement>(null);
  useEffect(() => {
    form.current?.querySelector<HTMLElement>('textarea')?.focus();
  }, []);
  return (
    <form
      ref={form}
      className="form"
      onSubmit={(event) => {
        event.preventDefault();
        if (isReady && !isPending) onSubmit();
      }}
      onKeyDown={(event) => {
        if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) form.current?.requestSubmit();
      }}
    >
      {children}
      <div className="actions">
        <button type="submit" className="primary" disabled={!isReady || isPending} data-testid="verdict-submit">
          {isPending ? 'Writing it into the ledger…' : submit} <kbd>Ctrl ↵</kbd>
        </button>
      </div>
    </form>
  );
}
