import { useEffect, useState } from 'react';

const LONGEST_S = 86_400;

/** How long a proposal was really in view, and whether its evidence was opened. Asked when a vote is cast; nothing is drawn by it. */
export class Attention {
  readonly #now: () => number;
  #seenMs = 0;
  #since: number | null = null;
  #evidence = false;

  constructor(now: () => number) {
    this.#now = now;
  }

  /** Runs while the page can be seen. */
  setVisible(isVisible: boolean): void {
    const now = this.#now();
    if (this.#since !== null) this.#seenMs += now - this.#since;
    this.#since = isVisible ? now : null;
  }

  openedEvidence(): void {
    this.#evidence = true;
  }

  get evidence(): boolean {
    return this.#evidence;
  }

  get seconds(): number {
    const running = this.#since === null ? 0 : this.#now() - this.#since;
    return Math.min(LONGEST_S, Math.floor((this.#seenMs + running) / 1000));
  }
}

export function useAttention(): Attention {
  const [attention] = useState(() => new Attention(() => performance.now()));
  useEffect(() => {
    const look = () => {
      attention.setVisible(document.visibilityState === 'visible');
    };
    look();
    document.addEventListener('visibilitychange', look);
    return () => {
      document.removeEventListener('visibilitychange', look);
      attention.setVisible(false);
    };
  }, [attention]);
  return attention;
}
