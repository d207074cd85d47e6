import type { Actor } from '@wheelhouse/protocol/identity';
import type { Decision, PolicyRequest } from '@wheelhouse/protocol/policy';
import { z } from 'zod';
import type { Ledger } from '../ledger/ledger.ts';
import { LedgerUnavailableError } from '../ledger/ledger-writer.ts';
import { entryOf, SYSTEM } from '../ledger/new-entry.ts';
import type { Logger } from 'pino';
import type { PolicyKeeper } from './policy-keeper.ts';

/**
 * A decision for the record. `times`: how often it was made, in the ticks up to `tick`, or at once for several of one kind; `by`: who acted, Wheelhouse
 * itself for engines; `cause`: the id of the entry that led to it.
 */
export type Decided = {
  readonly request: PolicyRequest;
  readonly decision: Decision;
  readonly session?: string;
  readonly tick?: number;
  readonly times?: number;
  readonly by?: Actor;
  readonly cause?: string;
};

type Parts = { readonly ledger: Ledger; readonly keeper: PolicyKeeper; readonly log: Logger };

const Recorded = z.record(z.string(), z.json());
const MOST_PROBLEMS = 5;
const LONGEST_PROBLEM = 500;

/** Writes what checkpoints answered into the ledger. */
export class DecisionRecord {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /**
   * Writes a decision that has been made and has its effect already; nobody waits for it. Returns the id of the entry, for what follows from it. The
   * ledger keeps what it can't write yet.
   */
  write({ request, decision, session, tick, times, by = SYSTEM, cause }: Decided): string {
    const { ledger, keeper, log } = this.#parts;
    keeper.heard(request, decision);
    const entry = entryOf(
      'checkpoint.decided',
      {
        checkpoint: request.checkpoint,
        ...(session === undefined ? {} : { session }),
        ...(tick === undefined ? {} : { tick }),
        ...(times === undefined ? {} : { times }),
        verdict: decision.verdict,
        policies: decision.policies,
        problems: decision.errors.slice(0, MOST_PROBLEMS).map((error) => plain(error).slice(0, LONGEST_PROBLEM).toWellFormed()),
        bundle: decision.bundle,
        request: Recorded.parse(
          JSON.parse(JSON.stringify(request), (_, value: unknown) => (typeof value === 'string' ? plain(value) : value)),
        ),
      },
      by,
      cause === undefined ? {} : { cause },
    );
    ledger.appendEntry(entry).catch((error: unknown) => {
      if (error instanceof LedgerUnavailableError && ledger.fault !== null) return;
      log.error({ err: error, checkpoint: request.checkpoint }, 'a decision of policy could not be recorded');
    });
    return entry.id;
  }
}

/** Names come from callers: what the ledger can't hold is marked as such, so that no name keeps its own denial out of the record. */
function plain(text: string): string {
  return text.toWellFormed().replaceAll('\0', '\ufffd');
}
