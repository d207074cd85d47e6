import { PolicyRequest } from '@wheelhouse/protocol/policy';
import type { Ledger } from '../ledger/ledger.ts';
import { RequestCounter } from './request-counter.ts';

/** What the ledger recorded of a time: requests as they were asked, with facts and signals and no content. */
export type Recorded = { readonly counter: RequestCounter; readonly entries: number; readonly unreadable: number };

/** Every decision recorded from `since` up to, not including, `until` (milliseconds since 1970). */
export async function recordedRequests(ledger: Ledger, since: number, until: number): Promise<Recorded> {
  const counter = new RequestCounter();
  let entries = 0;
  let unreadable = 0;
  for await (const { entry } of ledger.read(['checkpoint.decided'])) {
    const at = Date.parse(entry.time);
    if (at < since || at >= until) continue;
    entries += 1;
    const request = PolicyRequest.safeParse(entry.data.request);
    if (request.success) counter.add(request.data, entry.data.times ?? 1);
    else unreadable += 1;
  }
  return { counter, entries, unreadable };
}
