import type { Charter } from '@wheelhouse/charter/charter';
import type { ProposalFile } from '@wheelhouse/charter/proposal-files';
import { type MomentKind, momentsOf } from '@wheelhouse/charter/proposal-moments';
import type { Logger } from 'pino';
import type { JobLine, JobRoom } from '../jobs/job-room.ts';
import type { CharterKeeper } from './charter-keeper.ts';
import type { ProposalDesk } from './proposal-desk.ts';

type Parts = {
  readonly keeper: CharterKeeper;
  readonly desk: ProposalDesk;
  readonly jobs: JobRoom;
  readonly charterOf: (file: ProposalFile) => Charter;
  /** Tells people that a moment has come; nothing hangs on it. */
  readonly tell: (file: ProposalFile, kind: MomentKind) => void;
  readonly log: Logger;
};

/** Where a clock that is set, or a queue that was away, made a job late: everything that is due is looked at this often. */
const SWEEP_MS = 5_000;

/**
 * Has each proposal looked at when its moments come: reminders, turns of alternates, the end of the notice, the end of the vote. The jobs are BullMQ's and
 * only wake; what is due is computed from the ledger, so that a restart, a lost queue or a clock that is set loses nothing.
 */
export class ProposalClock {
  readonly #parts: Parts;
  /** The moment that each proposal waits for. */
  readonly #next = new Map<string, { readonly at: number; readonly kind: MomentKind }>();
  #line: JobLine | null = null;
  #sweep: NodeJS.Timeout | null = null;
  /** Whether everything was looked at since the start: moments that came while no server ran are in no queue. */
  #lookedAtAll = false;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  async open(): Promise<void> {
    const { keeper, jobs, desk, log } = this.#parts;
    this.#line = await jobs.open({ name: 'proposals', due: [], work: (id) => this.#wake(id) });
    for (const file of keeper.record.proposals.pending()) this.#schedule(file);
    desk.onChange((file) => {
      this.#schedule(file);
    });
    this.#sweep = setInterval(() => {
      this.#lookAtLate().catch((error: unknown) => {
        log.warn({ err: error }, 'proposals that were due could not be looked at; trying again');
      });
    }, SWEEP_MS);
  }

  async close(): Promise<void> {
    if (this.#sweep !== null) clearInterval(this.#sweep);
    await this.#line?.close();
  }

  #schedule(file: ProposalFile): void {
    const { keeper, charterOf } = this.#parts;
    const { id } = file.life.proposal;
    const now = keeper.now();
    const next = file.ended === null ? momentsOf(charterOf(file), file.life).find(({ at }) => at > now) : undefined;
    if (next === undefined) {
      this.#next.delete(id);
      return;
    }
    const before = this.#next.get(id);
    this.#next.set(id, next);
    if (before?.at !== next.at) this.#line?.add(id, next.at - now);
  }

  async #wake(id: string): Promise<void> {
    const { keeper, desk, tell } = this.#parts;
    const due = this.#next.get(id);
    const file = keeper.record.proposals.get(id);
    if (due === undefined || file === undefined) return;
    // The queue's clock ran ahead of ours.
    if (due.at > keeper.now()) {
      this.#line?.add(id, due.at - keeper.now());
      return;
    }
    await desk.look(id);
    if (file.ended === null) tell(file, due.kind);
    this.#schedule(file);
  }

  async #lookAtLate(): Promise<void> {
    const { keeper, desk } = this.#parts;
    const now = keeper.now();
    await desk.takeBack();
    if (!this.#lookedAtAll) {
      await desk.lookAll();
      this.#lookedAtAll = true;
    }
    for (const [id, { at }] of [...this.#next]) if (at <= now) await this.#wake(id);
    for (const { life } of [...keeper.record.proposals.pending()]) if (life.state === 'passed') await desk.look(life.proposal.id);
  }
}
