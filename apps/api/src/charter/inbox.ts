import type { ProposalFile } from '@wheelhouse/charter/proposal-files';
import type { Principal } from '@wheelhouse/protocol/identity';
import type { ProposalLines, ProposalsQuery } from '@wheelhouse/protocol/proposal';
import { parseOrRefuse, Refusal } from '../problem/refusal.ts';
import type { CharterKeeper } from './charter-keeper.ts';
import type { ProposalDesk } from './proposal-desk.ts';
import type { ProposalViews } from './proposal-view.ts';
import { z } from 'zod';

const Cursor = z.coerce.number().int().min(0);

/** Lists of proposals, newest first. Pages go by the ledger's index of the entry that opened each. */
export class Inbox {
  readonly #keeper: CharterKeeper;
  readonly #desk: ProposalDesk;
  readonly #views: ProposalViews;

  constructor(keeper: CharterKeeper, desk: ProposalDesk, views: ProposalViews) {
    this.#keeper = keeper;
    this.#desk = desk;
    this.#views = views;
  }

  async page(viewer: Principal, { list, power, cursor, limit }: ProposalsQuery): Promise<ProposalLines> {
    const before = cursor === undefined ? Number.POSITIVE_INFINITY : parseOrRefuse(Cursor, cursor);
    const { proposals } = this.#keeper.record;
    const files = [...(list === 'all' ? proposals.all() : proposals.pending())].reverse();
    const found: ProposalFile[] = [];
    for (const file of files) {
      if (file.entry >= before || (power !== undefined && file.act.power !== power)) continue;
      if (list === 'inbox' && !this.#views.waitsFor(viewer.person, file)) continue;
      if (!(await this.#sees(viewer, file))) continue;
      found.push(file);
      if (found.length > limit) break;
    }
    const items = found.slice(0, limit);
    return {
      items: items.map((file) => this.#views.line(viewer, file)),
      next: found.length > limit ? String(items.at(-1)?.entry ?? 0) : null,
    };
  }

  async #sees(viewer: Principal, file: ProposalFile): Promise<boolean> {
    try {
      await this.#desk.requireSeen(viewer, file);
      return true;
    } catch (error) {
      if (error instanceof Refusal) return false;
      throw error;
    }
  }
}
