import { queryOptions, useQueryClient } from '@tanstack/react-query';
import {
  AnalysisView,
  CharterDraft,
  CharterVersion,
  CharterView,
  CheckedCharter,
  OverseerView,
  TransitionReport,
} from '@wheelhouse/protocol/charter-view';
import { Person } from '@wheelhouse/protocol/identity';
import { z } from 'zod';
import { call } from '../rest/call.ts';

/** Others act on the charter too, terms end and absences begin; nobody tells the page. */
const AGAIN_MS = 15_000;

const Versions = z.object({ items: z.array(CharterVersion) });
const Overseers = z.object({ items: z.array(OverseerView) });
const People = z.object({ items: z.array(Person) });

/** The approvals' pages ask the same. */
export const charterQuery = queryOptions({
  queryKey: ['charter'],
  queryFn: () => call(CharterView, 'GET', '/v1/charter'),
  refetchInterval: AGAIN_MS,
});

/** Every charter that there was, the newest first. */
export const versionsQuery = queryOptions({
  queryKey: ['charter', 'versions'],
  queryFn: async () => (await call(Versions, 'GET', '/v1/charter/versions')).items,
  refetchInterval: AGAIN_MS,
});

/** Of the charter in force, by its name: it changes with it, and with the terms in it, slowly. */
export const analysisQuery = (name: string) =>
  queryOptions({
    queryKey: ['charter', 'analysis', name],
    queryFn: () => call(AnalysisView, 'GET', '/v1/charter/analysis'),
    staleTime: 60_000,
  });

/** What a text would mean. Texts are many while somebody types, so the answers are not kept for long. */
export const checkQuery = (text: string) =>
  queryOptions({
    queryKey: ['charter', 'check', text],
    queryFn: () => call(CheckedCharter, 'POST', '/v1/charter/check', { text }),
    staleTime: 60_000,
    gcTime: 10_000,
  });

export const draftQuery = queryOptions({
  queryKey: ['charter', 'draft'],
  queryFn: async () => (await call(CharterDraft, 'GET', '/v1/charter/draft')).text,
  staleTime: 0,
  gcTime: 0,
});

/** `from` and `until` are dates: the first instants, UTC, of the first day and of the day after the last. */
export const transitionsQuery = (from: string, until: string) =>
  queryOptions({
    queryKey: ['charter', 'transitions', from, until],
    queryFn: () => call(TransitionReport, 'GET', `/v1/charter/transitions?${new URLSearchParams({ from, until }).toString()}`),
    staleTime: AGAIN_MS,
  });

export const overseersQuery = queryOptions({
  queryKey: ['oversight'],
  queryFn: async () => (await call(Overseers, 'GET', '/v1/oversight')).items,
  refetchInterval: AGAIN_MS,
});

/** For those who may read people; the ledger's pages ask the same. */
export const peopleQuery = queryOptions({
  queryKey: ['people'],
  queryFn: () => call(People, 'GET', '/v1/people'),
  staleTime: 60_000,
});

/** What to do with the charter as it stands after an act: nearly every act answers with it. */
export function useAdoptCharter(): (view: CharterView) => Promise<void> {
  const queries = useQueryClient();
  return async (view) => {
    queries.setQueryData(charterQuery.queryKey, view);
    await queries.invalidateQueries({ queryKey: ['charter', 'transitions'] });
  };
}
