import type { MessagePort } from 'node:worker_threads';
import { GuardLink } from '@wheelhouse/detect/guard-link';
import type { ScanAnswer, ScanRequest } from '@wheelhouse/protocol/signals';

/** Questions that are still open, or that a late answer may come to, at most. */
const MOST_OPEN = 20_000;

/** The stream thread's questions to the detectors, and whose they are. Without a guard nothing is answered, and policy says what then becomes of output. */
export class GuardLine<Asker> {
  readonly #onAnswer: (asker: Asker, answer: ScanAnswer, late: boolean) => void;
  readonly #open = new Map<number, Asker>();
  #link: GuardLink | null = null;
  #last = 0;

  constructor(onAnswer: (asker: Asker, answer: ScanAnswer, late: boolean) => void) {
    this.#onAnswer = onAnswer;
  }

  /** Another guard: what was asked of the one before is never answered. */
  connect(port: MessagePort): void {
    this.#link?.close();
    this.#open.clear();
    this.#link = new GuardLink(port, (answer, late) => {
      const asker = this.#open.get(answer.id);
      if (asker !== undefined) this.#onAnswer(asker, answer, late);
    });
  }

  ask(asker: Asker, session: string, ask: Omit<ScanRequest, 'id' | 'session'>): number {
    this.#last += 1;
    const id = this.#last;
    this.#open.set(id, asker);
    const [oldest] = this.#open.keys();
    if (this.#open.size > MOST_OPEN && oldest !== undefined) this.#open.delete(oldest);
    this.#link?.scan({ ...ask, id, session });
    return id;
  }

  flush(): void {
    this.#link?.flush();
  }

  forget(session: string, asker: Asker): void {
    for (const [id, each] of this.#open) if (each === asker) this.#open.delete(id);
    this.#link?.forget(session);
  }
}
