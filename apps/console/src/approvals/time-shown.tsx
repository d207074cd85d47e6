import { useSyncExternalStore } from 'react';
import { dateTime } from '../ledger/plain-words.ts';
import { fromNow } from './time-words.ts';

/** One clock for all moments on a page: a list of thousands has one timer, and draws only those whose words changed. */
class Clock {
  readonly #listeners = new Set<() => void>();
  #timer: number | null = null;
  #now = Date.now();

  get now(): number {
    return this.#now;
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    if (this.#timer === null) {
      // It stood still while nothing showed it.
      this.#now = Date.now();
      this.#timer = window.setInterval(this.#tick, 1000);
    }
    return () => {
      this.#listeners.delete(listener);
      if (this.#listeners.size > 0 || this.#timer === null) return;
      window.clearInterval(this.#timer);
      this.#timer = null;
    };
  };

  readonly #tick = (): void => {
    this.#now = Date.now();
    for (const listener of this.#listeners) listener();
  };
}

const clock = new Clock();

/** A moment as how far off it is; exactly, on hover. */
export function TimeFrom({ iso }: { iso: string }) {
  const words = useSyncExternalStore(clock.subscribe, () => fromNow(iso, clock.now));
  return (
    <time dateTime={iso} title={dateTime(iso)} className="time-from">
      {words}
    </time>
  );
}

/** As `TimeFrom` after a blank, for what may have begun already: then nothing. */
export function TimeAhead({ iso }: { iso: string }) {
  const ahead = useSyncExternalStore(clock.subscribe, () => Date.parse(iso) > clock.now);
  if (!ahead) return null;
  return (
    <>
      {' '}
      <TimeFrom iso={iso} />
    </>
  );
}

/** The same with the exact moment beside it: for where one decides by it. */
export function TimeWhole({ iso }: { iso: string }) {
  return (
    <>
      <TimeFrom iso={iso} /> <span className="soft">({dateTime(iso)})</span>
    </>
  );
}
