import { queryOptions } from '@tanstack/react-query';
import { PolicyView, ShadowView } from '@wheelhouse/protocol/policy-view';
import { call } from '../rest/call.ts';

/** A proposal puts another bundle in force, and a person takes it back; nobody tells the page. */
const AGAIN_MS = 30_000;
const SHADOW_AGAIN_MS = 5000;

export const policyQuery = queryOptions({
  queryKey: ['policy'],
  queryFn: () => call(PolicyView, 'GET', '/v1/policy'),
  staleTime: AGAIN_MS / 2,
  refetchInterval: AGAIN_MS,
});

export const shadowQuery = queryOptions({
  queryKey: ['policy', 'shadow'],
  queryFn: () => call(ShadowView, 'GET', '/v1/policy/shadow'),
  refetchInterval: SHADOW_AGAIN_MS,
});
