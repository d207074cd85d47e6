import type { DataFolder } from '@wheelhouse/installation/data-folder';
import type { Logger } from 'pino';
import type { SubjectKeys } from '../content/subject-keys.ts';
import { wordsVault } from '../content/words-vault.ts';
import type { Principals } from '../identity/principals.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { Bulletin } from '../operator/bulletin.ts';
import type { Transcripts } from '../operator/transcripts.ts';
import type { OrderBookKeeper } from '../orders/order-book-keeper.ts';
import type { OrderDesk } from '../orders/order-desk.ts';
import type { ReleaseDesk } from '../orders/release-desk.ts';
import type { SessionDesk } from '../sessions/session-desk.ts';
import type { SessionRegistry } from '../sessions/session-registry.ts';
import type { StreamHost } from '../stream/stream-host.ts';
import type { SuperviseFromThread } from '../stream/supervise-messages.ts';
import { HandBackDesk } from './hand-back-desk.ts';
import { HandBackStore } from './hand-back-store.ts';
import { HelpDesk } from './help-desk.ts';
import { SessionAlarms } from './session-alarms.ts';
import { SidebandDesk } from './sideband-desk.ts';
import { SupervisionDesk } from './supervision-desk.ts';
import { SupervisionFloor } from './supervision-floor.ts';

type Needs = {
  readonly registry: SessionRegistry;
  readonly sessions: SessionDesk;
  readonly orders: OrderDesk;
  readonly releases: ReleaseDesk;
  readonly keeper: OrderBookKeeper;
  readonly principals: Principals;
  readonly streams: StreamHost;
  readonly transcripts: Transcripts;
  readonly ledger: Ledger;
  readonly bulletin: Bulletin;
  readonly subjectKeys: SubjectKeys;
  readonly folder: DataFolder;
  readonly ticketKey: Uint8Array;
  readonly streamUrl: () => string;
  readonly now: () => number;
  readonly log: Logger;
};

/** Humans in live sessions, wired together. */
export class SupervisionRooms {
  readonly floor: SupervisionFloor;
  readonly desk: SupervisionDesk;
  readonly sidebands: SidebandDesk;
  readonly handBacks: HandBackDesk;
  readonly #help: HelpDesk;
  readonly #alarms: SessionAlarms;

  constructor(needs: Needs) {
    this.#alarms = new SessionAlarms(needs.bulletin);
    this.floor = new SupervisionFloor(needs);
    const shared = { ...needs, floor: this.floor, alarms: this.#alarms };
    this.sidebands = new SidebandDesk(shared);
    this.desk = new SupervisionDesk(shared);
    this.#help = new HelpDesk(shared);
    this.handBacks = new HandBackDesk({ ...needs, store: new HandBackStore(needs.folder, wordsVault(needs.subjectKeys)) });
  }

  start(): void {
    this.handBacks.load();
    this.desk.start();
    this.#alarms.start();
  }

  stop(): void {
    this.desk.stop();
    this.#alarms.stop();
  }

  /** What a stream thread says. */
  heard(message: SuperviseFromThread): void {
    switch (message.type) {
      case 'supervise.joined':
        this.desk.joined(message.supervision);
        return;
      case 'supervise.command':
        void this.desk.command(message.supervision, message.command, message.at);
        return;
      case 'supervise.left':
        this.desk.left(message.supervision, message.said);
        return;
      case 'supervise.handed_back':
        this.handBacks.handedBack(message.session, message.release);
        return;
      case 'help':
        this.#help.asked(message);
    }
  }
}
