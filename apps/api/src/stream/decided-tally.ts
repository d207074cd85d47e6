import type { Signals } from '@wheelhouse/protocol/signals';
import type { Decided } from '@wheelhouse/session/tick-policy';

/** What a checkpoint of a session answered, and how often since it was reported last. Facts and signals, no content. */
export type DecidedReport = {
  readonly session: string;
  readonly checkpoint: Decided['checkpoint'];
  readonly tick: number;
  readonly times: number;
  readonly level: Decided['level'];
  readonly signals: Signals | null;
  readonly tool?: string;
  readonly decision: Decided['decision'];
};

/** Different answers of one session that are kept apart between two reports; what exceeds them counts as the last. */
const MOST_KINDS = 20;

/** Decisions of one session that were no plain permission, gathered so that the ledger gets each answer once a second at most. */
export class DecidedTally {
  readonly #session: string;
  readonly #kinds = new Map<string, { decided: Decided; times: number }>();

  constructor(session: string) {
    this.#session = session;
  }

  add(decided: Decided): void {
    const { verdict, policies, errors } = decided.decision;
    const key = [decided.checkpoint, decided.tool ?? '', verdict, ...policies, '!', ...errors].join(' ');
    const known = this.#kinds.get(key);
    if (known === undefined && this.#kinds.size >= MOST_KINDS) return;
    this.#kinds.set(key, { decided, times: (known?.times ?? 0) + 1 });
  }

  take(): DecidedReport[] {
    const reports = [...this.#kinds.values()].map(({ decided, times }) => ({ session: this.#session, ...decided, times }));
    this.#kinds.clear();
    return reports;
  }
}
