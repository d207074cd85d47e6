import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Action, type ActionVerdict } from '@wheelhouse/protocol/action';
import { useState } from 'react';
import { call } from '../rest/call.ts';
import { ProblemNote } from '../shell/problem-note.tsx';
import { useMe } from '../shell/use-me.ts';
import { isWhatItSays } from './action-words.ts';
import { actionAnswered } from './actions-queries.ts';
import { AnswerForm, ApproveForm, EditForm, RejectForm } from './verdict-forms.tsx';

export const VERDICTS = ['approve', 'edit', 'answer', 'reject'] as const;
export type VerdictName = (typeof VERDICTS)[number];

const BUTTONS: Readonly<Record<VerdictName, readonly [words: string, key: string]>> = {
  approve: ['Approve', 'a'],
  edit: ['Edit', 'e'],
  answer: ['Answer', 'w'],
  reject: ['Reject', 'x'],
};

type Panel = {
  readonly action: Action;
  /** Which form is open; null while none is. */
  readonly open: VerdictName | null;
  readonly onOpen: (verdict: VerdictName | null) => void;
  /** Whether the page has the keys that open the forms. */
  readonly hasKeys: boolean;
};

/** What the reader can decide. Nothing that would be refused is offered; in its place stands why. */
export function DecidePanel({ action, open, onOpen, hasKeys }: Panel) {
  const { me } = useMe();
  const decide = useDecide(action, () => {
    onOpen(null);
  });
  const why = whyNot(action, me.principal.person);
  if (why !== null)
    return (
      <p className="problem" data-testid="not-to-decide">
        {why}
      </p>
    );
  const form = { action, decide: decide.mutate, isPending: decide.isPending };
  return (
    <section className="decide" aria-label="Decide" data-testid="decide">
      <div className="decide-choices">
        {VERDICTS.filter((verdict) => verdict !== 'answer' || action.kind === 'tool').map((verdict) => (
          <button
            key={verdict}
            type="button"
            className={verdict === 'approve' && open === null ? 'primary' : ''}
            aria-expanded={open === verdict}
            aria-keyshortcuts={hasKeys ? BUTTONS[verdict][1] : undefined}
            data-testid={`choose-${verdict}`}
            onClick={() => {
              onOpen(open === verdict ? null : verdict);
            }}
          >
            {BUTTONS[verdict][0]} {hasKeys && <kbd>{BUTTONS[verdict][1]}</kbd>}
          </button>
        ))}
      </div>
      {open === 'approve' && <ApproveForm {...form} />}
      {open === 'edit' && <EditForm {...form} />}
      {open === 'answer' && <AnswerForm {...form} />}
      {open === 'reject' && <RejectForm {...form} />}
      <ProblemNote error={decide.error} />
    </section>
  );
}

function whyNot(action: Action, person: string): string | null {
  if (action.proposal !== null) return 'A charter is in force, and its votes decide on this: it stands under Approvals.';
  if (action.holder === person) return 'You asked for this yourself, or a key of yours did: another person has to decide.';
  if (!isWhatItSays(action))
    return 'What the server shows is not what its digest says, or can not be shown any more. Nothing can be decided here; it can run out.';
  return null;
}

function useDecide(action: Action, onDone: () => void) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (verdict: ActionVerdict) => call(Action, 'POST', `/v1/actions/${action.id}/decision`, verdict),
    onSuccess: async (answer) => {
      onDone();
      await actionAnswered(queries, answer);
    },
  });
}

/** Which form is open, and that another action opens none. */
export function useVerdictForm(id: string | null) {
  const [at, setAt] = useState<{ id: string | null; verdict: VerdictName | null }>({ id, verdict: null });
  const open = at.id === id ? at.verdict : null;
  const setOpen = (verdict: VerdictName | null) => {
    setAt({ id, verdict });
  };
  return { open, setOpen };
}
