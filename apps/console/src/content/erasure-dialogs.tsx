import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Erasure, ErasureRequest } from '@wheelhouse/protocol/content';
import { useState } from 'react';
import { newId } from '../live/new-id.ts';
import { call } from '../rest/call.ts';
import { ActDialog, ReasonField, textIn } from './act-dialog.tsx';
import { erasuresQuery } from './content-queries.ts';

export function AskErasureDialog({ onClose }: { onClose: () => void }) {
  const [id] = useState(newId);
  const [wrong, setWrong] = useState<string | null>(null);
  const queries = useQueryClient();
  const ask = useMutation({
    mutationFn: (request: ErasureRequest) => call(Erasure, 'POST', '/v1/erasures', request),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: erasuresQuery.queryKey });
      onClose();
    },
  });

  function submit(form: FormData) {
    const request = ErasureRequest.safeParse({ id, subject: textIn(form, 'subject'), reason: textIn(form, 'reason') });
    setWrong(request.success ? null : 'A data subject and a reason are needed.');
    if (request.success) ask.mutate(request.data);
  }

  return (
    <ActDialog
      title="Ask for an erasure"
      verb="Ask for the erasure"
      testId="ask-erasure-submit"
      isPending={ask.isPending}
      error={wrong ?? ask.error}
      onSubmit={submit}
      onClose={onClose}
    >
      <p>Nothing is erased before another person confirms it or, where a charter is in force, enough people have voted for it.</p>
      <label>
        Data subject: tenant/name, or a person's id
        <input name="subject" required maxLength={400} autoComplete="off" data-testid="erasure-subject" />
      </label>
      <ReasonField />
    </ActDialog>
  );
}

export function ConfirmErasureDialog({ erasure, onClose }: { erasure: Erasure; onClose: () => void }) {
  const queries = useQueryClient();
  const confirm = useMutation({
    mutationFn: () => call(Erasure, 'POST', `/v1/erasures/${erasure.id}/confirm`),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: erasuresQuery.queryKey });
      onClose();
    },
  });
  return (
    <ActDialog
      title="Confirm the erasure"
      verb="Erase for good"
      testId="confirm-erasure-submit"
      isPending={confirm.isPending}
      error={confirm.error}
      onSubmit={() => {
        confirm.mutate();
      }}
      onClose={onClose}
    >
      <p>
        The key of <code>{erasure.subject}</code> is destroyed. Everything recorded of them, and what they typed here, becomes unreadable
        for everybody, for good. Nobody can undo it.
      </p>
      <blockquote>
        <p>{erasure.reason}</p>
        <footer>{erasure.askedByName}</footer>
      </blockquote>
    </ActDialog>
  );
}
