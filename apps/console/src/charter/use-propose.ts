import { useMutation } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { ProposalView } from '@wheelhouse/protocol/proposal';
import type { ProposedAct } from '@wheelhouse/protocol/proposed-act';
import { useRef } from 'react';
import { newId } from '../live/new-id.ts';
import { call } from '../rest/call.ts';

type Wish = { readonly act: ProposedAct; readonly reason: string };

/** Opens a proposal and goes to its page. Asking for the same again, after an answer that was lost, opens no second one. */
export function usePropose(onProposed?: () => void) {
  const navigate = useNavigate();
  const asked = useRef<{ readonly wish: string; readonly id: string } | null>(null);
  return useMutation({
    mutationFn: (wish: Wish) => {
      const same = JSON.stringify(wish);
      if (asked.current?.wish !== same) asked.current = { wish: same, id: newId() };
      return call(ProposalView, 'POST', '/v1/proposals', { id: asked.current.id, ...wish });
    },
    onSuccess: async ({ id }) => {
      onProposed?.();
      await navigate({ to: '/approvals/$id', params: { id } });
    },
  });
}
