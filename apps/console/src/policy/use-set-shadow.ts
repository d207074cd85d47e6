import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { PolicyBundle } from '@wheelhouse/protocol/policy';
import { ShadowView } from '@wheelhouse/protocol/policy-view';
import { call } from '../rest/call.ts';
import { shadowQuery } from './policy-queries.ts';

/** Runs a bundle beside the one in force; null ends that. */
export function useSetShadow(onSet?: () => Promise<void>) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (bundle: PolicyBundle | null) => call(ShadowView, 'POST', '/v1/policy/shadow', { bundle }),
    onSuccess: async (view) => {
      queries.setQueryData(shadowQuery.queryKey, view);
      await onSet?.();
    },
  });
}
