import { queryOptions } from '@tanstack/react-query';
import { FoundEntries, type FoundEntry } from '@wheelhouse/protocol/export';
import { Checkpoint, PolicyRequest, Verdict } from '@wheelhouse/protocol/policy';
import { z } from 'zod';
import { call } from '../rest/call.ts';

const AGAIN_MS = 5000;
/** Verdicts that are shown of a session: the newest. */
const MOST_VERDICTS = 20;

const count = z.number().int().min(0);
/** An entry `checkpoint.decided`, as far as it can be shown. */
const Fields = z.object({
  'data.checkpoint': Checkpoint,
  'data.verdict': Verdict,
  'data.tick': count.optional(),
  'data.times': count.optional(),
  'data.policies': z.array(z.string()).default([]),
  'data.problems': z.array(z.string()).default([]),
  'data.bundle': z.string().optional(),
  'data.request': z.unknown(),
});

export type RecordedVerdict = {
  readonly index: number;
  readonly time: string | null;
  readonly checkpoint: Checkpoint;
  readonly verdict: Verdict;
  /** The last tick of those that it stands for; null where it is of no tick. */
  readonly tick: number | null;
  readonly times: number;
  readonly policies: readonly string[];
  readonly problems: readonly string[];
  readonly bundle: string | null;
  /** Null where parts of it were withheld, or it is none that can be asked again. */
  readonly request: PolicyRequest | null;
};

export const verdictsQuery = (session: string) =>
  queryOptions({
    queryKey: ['ledger', 'verdicts', session],
    refetchInterval: AGAIN_MS,
    queryFn: async () => {
      const query = new URLSearchParams({ kind: 'checkpoint.decided', session, limit: String(MOST_VERDICTS) });
      const { items } = await call(FoundEntries, 'GET', `/v1/ledger/search?${query.toString()}`);
      return items.flatMap(verdictOf);
    },
  });

/** Nothing for an entry whose verdict can no longer be read; the ledger's page says what is withheld there. */
function verdictOf({ index, time, fields }: FoundEntry): RecordedVerdict[] {
  const parsed = Fields.safeParse(fields);
  if (!parsed.success) return [];
  const request = PolicyRequest.safeParse(parsed.data['data.request']);
  return [
    {
      index,
      time,
      checkpoint: parsed.data['data.checkpoint'],
      verdict: parsed.data['data.verdict'],
      tick: parsed.data['data.tick'] ?? null,
      times: parsed.data['data.times'] ?? 1,
      policies: parsed.data['data.policies'],
      problems: parsed.data['data.problems'],
      bundle: parsed.data['data.bundle'] ?? null,
      request: request.success ? request.data : null,
    },
  ];
}
