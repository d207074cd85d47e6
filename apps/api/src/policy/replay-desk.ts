import type { Principal } from '@wheelhouse/protocol/identity';
import type { PolicyBundle } from '@wheelhouse/protocol/policy';
import type { ReplayedRecordings, ReplayRequest, ReplayView } from '@wheelhouse/protocol/policy-view';
import type { ContentDesk } from '../content/content-desk.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { Refusal } from '../problem/refusal.ts';
import type { PolicyKeeper } from './policy-keeper.ts';
import type { PolicyLab } from './policy-lab.ts';
import { requireHouse } from './policy-rights.ts';
import { recordedRequests } from './recorded-requests.ts';
import { recordedWords } from './recorded-words.ts';

type Parts = {
  readonly keeper: PolicyKeeper;
  readonly lab: PolicyLab;
  readonly ledger: Ledger;
  readonly content: Pick<ContentDesk, 'transcript'>;
};

/** The past, decided again: by the bundle in force and by another. Nothing changes by it. */
export class ReplayDesk {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  async replay(by: Principal, { bundle, since, until, recordings }: ReplayRequest): Promise<ReplayView> {
    requireHouse(by);
    const { keeper, lab, ledger } = this.#parts;
    const { loaded, faults } = await lab.check(bundle);
    if (loaded === null) throw new Refusal('policy_refused', `The bundle does not load: ${faults[0]?.message ?? 'unknown'}`);
    const period = { since: Date.parse(since), until: Date.parse(until) };
    const { counter, entries, unreadable } = await recordedRequests(ledger, period.since, period.until);
    const inForce = keeper.digest;
    const comparison = await lab.compare(keeper.loaded?.bundle ?? null, bundle, counter.counted);
    return {
      candidate: { digest: loaded.digest, name: bundle.name },
      ...{ inForce, since, until, entries, unreadable, leftOut: counter.leftOut, comparison },
      recordings: recordings ? await this.#recordings(by, bundle, period) : null,
    };
  }

  async #recordings(by: Principal, bundle: PolicyBundle, period: { since: number; until: number }): Promise<ReplayedRecordings> {
    const { keeper, lab } = this.#parts;
    const { counter, ...read } = await recordedWords(this.#parts, by, period);
    const comparison = await lab.compare(keeper.loaded?.bundle ?? null, bundle, counter.counted);
    return { ...read, undecided: counter.leftOut, comparison };
  }
}
