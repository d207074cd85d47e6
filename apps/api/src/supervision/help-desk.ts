import { createHash } from 'node:crypto';
import type { Logger } from 'pino';
import type { Ledger } from '../ledger/ledger.ts';
import type { SessionRegistry } from '../sessions/session-registry.ts';
import type { SessionAlarms } from './session-alarms.ts';
import type { SupervisionFloor } from './supervision-floor.ts';

type Parts = {
  readonly registry: SessionRegistry;
  readonly floor: SupervisionFloor;
  readonly alarms: SessionAlarms;
  readonly ledger: Ledger;
  readonly log: Logger;
};

/** Engines that ask for a human. Their words go to those who may join the session, and to nobody else; the record has the digest. */
export class HelpDesk {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  asked({ session: id, tick, text }: { readonly session: string; readonly tick: number; readonly text: string }): void {
    const { registry, floor, alarms, ledger, log } = this.#parts;
    const session = registry.get(id);
    if (session === undefined) return;
    const digest = createHash('sha256').update(text).digest('base64');
    ledger.append('help.asked', { session: id, tick, text: digest }).catch((error: unknown) => {
      log.error({ err: error, session: id }, 'that an engine asked for a human could not be recorded');
    });
    floor.setHelp(id, { tick, text, askedAt: new Date().toISOString() });
    alarms.raise('help_asked', session, `The engine of session ${id} asks for a human.`);
    floor.announce(session);
  }
}
