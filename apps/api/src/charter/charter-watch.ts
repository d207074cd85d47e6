import type { Logger } from 'pino';
import { pinAlarm } from '../operator/pinned-alarm.ts';
import type { Bulletin } from '../operator/bulletin.ts';
import type { CharterCheck } from './charter-check.ts';
import type { CharterKeeper } from './charter-keeper.ts';

type Parts = { readonly keeper: CharterKeeper; readonly check: CharterCheck; readonly bulletin: Bulletin; readonly log: Logger };

const EVERY_MS = 6 * 60 * 60_000;

/**
 * Holds the charter in force against law 5 again and again. It held when it was adopted; but terms end and seats change hands, and then some power can be
 * within too few people's reach, or out of everybody's. That is an alarm: amending the charter is for its quorum.
 */
export class CharterWatch {
  readonly #parts: Parts;
  /** The charter about which there is an alarm already. */
  #alarmed: string | null = null;
  #timer: NodeJS.Timeout | null = null;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  start(): void {
    this.#look();
    this.#timer = setInterval(() => {
      this.#look();
    }, EVERY_MS);
  }

  stop(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
  }

  #look(): void {
    this.look().catch((error: unknown) => {
      this.#parts.log.error({ err: error }, 'the charter in force could not be held against law 5; trying again later');
    });
  }

  async look(): Promise<void> {
    const { keeper, check, bulletin, log } = this.#parts;
    const { inForce } = keeper.record;
    const text = check.textNow();
    if (inForce === null || text === null || this.#alarmed === inForce.name) return;
    const { faults, analysis } = await check.checkNow(text);
    const [breach] = analysis?.breaches ?? [];
    const why = breach === undefined ? (faults[0]?.message ?? null) : `${breach.message} ${breach.chain.join(' ')}`.trim();
    if (why === null) return;
    this.#alarmed = inForce.name;
    log.error({ charter: inForce.name }, `the charter in force breaks law 5: ${why}`);
    pinAlarm(bulletin, 'charter_breach', `The charter in force breaks law 5 (no one person) by now. ${why} Amend it.`);
  }
}
