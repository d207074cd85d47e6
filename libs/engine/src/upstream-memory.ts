import type { EngineConfig } from '@wheelhouse/protocol/tool-call';
import type { History } from '@wheelhouse/realtime/upstream-history';

/** What a conversation was, for a session that comes back after its line was cut or it was stopped. */
export type Remembered = { readonly history: History; readonly config: EngineConfig | null };

const KEPT_MS = 600_000;
const MOST_KEPT = 1_024;

/** Conversations of sessions that are closed at the moment, in memory alone, for ten minutes each. `now` is in milliseconds and never goes back. */
export class UpstreamMemory {
  readonly #kept = new Map<string, Remembered & { readonly at: number }>();
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  keep(session: string, remembered: Remembered): void {
    this.sweep();
    this.#kept.delete(session);
    if (remembered.history.length === 0 && remembered.config === null) return;
    this.#kept.set(session, { ...remembered, at: this.#now() });
    const [oldest] = this.#kept.keys();
    if (this.#kept.size > MOST_KEPT && oldest !== undefined) this.#kept.delete(oldest);
  }

  /** What is kept of a session, which is then no longer kept here. */
  take(session: string): Remembered | null {
    this.sweep();
    const kept = this.#kept.get(session);
    this.#kept.delete(session);
    return kept ?? null;
  }

  /** Forgets what is too old. */
  sweep(): void {
    for (const [session, { at }] of this.#kept) if (this.#now() - at >= KEPT_MS) this.#kept.delete(session);
  }
}
