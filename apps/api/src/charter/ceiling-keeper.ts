import type { Level } from '@wheelhouse/protocol/level';
import type { Logger } from 'pino';
import { entryOf, SYSTEM } from '../ledger/new-entry.ts';
import type { Bulletin } from '../operator/bulletin.ts';
import type { CharterKeeper } from './charter-keeper.ts';
import type { Ledger } from '../ledger/ledger.ts';

type Parts = {
  readonly keeper: CharterKeeper;
  readonly ledger: Ledger;
  /** Caps every session's level from now on, and tells the sessions. */
  readonly cap: (ceiling: Level) => void;
  readonly bulletin: Bulletin;
  readonly log: Logger;
};

/**
 * Keeps every session at or below the level that the charter allows now: while a body is short of people, and while a review of break glass is overdue.
 * Down at once, and the record second; up only once that is in the record (law 2).
 */
export class CeilingKeeper {
  readonly #parts: Parts;
  #ceiling: Level = 5;
  #rising = false;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  get ceiling(): Level {
    return this.#ceiling;
  }

  /** Looks what the ceiling is now; called every second and after every change of the charter's state. */
  tend(): void {
    const { keeper, cap, ledger, log } = this.#parts;
    const { level, because } = keeper.record.ceilingAt(keeper.now());
    if (level === this.#ceiling) return;
    const entry = entryOf('ceiling.changed', { level, because: because.join('; ').slice(0, 1000) }, SYSTEM, { at: keeper.now() });
    if (level < this.#ceiling) {
      this.#ceiling = level;
      cap(level);
      this.#tell(`The charter caps every session: ${because.join('; ')}.`, true);
      ledger.appendEntry(entry).catch((error: unknown) => {
        log.error({ err: error, level }, 'the ceiling was lowered, and that could not be recorded');
      });
      return;
    }
    if (this.#rising) return;
    this.#rising = true;
    ledger
      .appendEntryFirst(entry)
      .then(() => {
        // It may have come down again while the rise was written.
        if (keeper.record.ceilingAt(keeper.now()).level < level) return;
        this.#ceiling = level;
        cap(level);
        this.#tell(
          level === 5
            ? 'The charter caps no session any more.'
            : `The charter caps every session at level ${level} now: ${because.join('; ')}.`,
          level < 5,
        );
      })
      .catch((error: unknown) => {
        log.warn({ err: error, level }, 'the ceiling stays where it is until its rise can be recorded');
      })
      .finally(() => {
        this.#rising = false;
      });
  }

  #tell(message: string, raised: boolean): void {
    this.#parts.bulletin.post({ event: 'alarm', data: { code: 'level_ceiling', message, raised } }, null);
  }
}
