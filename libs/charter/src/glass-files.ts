import type { PowerId } from '@wheelhouse/protocol/charter';
import type { EmergencyAct } from '@wheelhouse/protocol/proposed-act';
import { type CharterEntry, personBehind, timeOf, msOf } from './charter-kinds.ts';

export type GlassSigner = { readonly person: string; readonly seat: string; readonly at: number };

/** A break glass, from the first signature to the review. Times are milliseconds since 1970. */
export type GlassFile = {
  readonly id: string;
  readonly act: EmergencyAct;
  readonly practice: boolean;
  readonly reason: string;
  readonly askedAt: number;
  readonly entry: number;
  readonly entryId: string;
  readonly signers: GlassSigner[];
  broken: { readonly at: number; readonly endsAt: number; readonly reviewDueAt: number; readonly skipped: readonly string[] } | null;
  ended: { readonly at: number; readonly outcome: 'ended' | 'lapsed' } | null;
  reviewedAt: number | null;
};

/** Every break glass, folded from the ledger. */
export class GlassFiles {
  readonly #files = new Map<string, GlassFile>();

  get(glass: string): GlassFile | undefined {
    return this.#files.get(glass);
  }

  all(): readonly GlassFile[] {
    return [...this.#files.values()];
  }

  /** Those whose review should have been closed by now. A drill is reviewed too, but nothing hangs on it. */
  overdue(now: number): readonly GlassFile[] {
    return this.all().filter(
      ({ broken, practice, reviewedAt }) => broken !== null && !practice && reviewedAt === null && broken.reviewDueAt < now,
    );
  }

  /** Powers with an overdue review, for the ceiling. */
  overduePowers(now: number): readonly PowerId[] {
    return [...new Set(this.overdue(now).map(({ act }) => act.power))];
  }

  /** Seats that have lost their right of break glass until an overdue review is closed. */
  suspendedSeats(now: number): readonly string[] {
    return [...new Set(this.overdue(now).flatMap(({ signers }) => signers.map(({ seat }) => seat)))];
  }

  take(index: number, entry: CharterEntry): void {
    switch (entry.kind) {
      case 'glass.asked': {
        const { glass: id, emergency: act, practice, reason, seat } = entry.data;
        const askedAt = timeOf(entry);
        const signers = [{ person: personBehind(entry), seat, at: askedAt }];
        const file: GlassFile = {
          ...{ id, act, practice, reason, askedAt, entry: index, entryId: entry.id, signers },
          ...{ broken: null, ended: null, reviewedAt: null },
        };
        if (!this.#files.has(id)) this.#files.set(id, file);
        return;
      }
      case 'glass.signed':
        this.#files.get(entry.data.glass)?.signers.push({ person: personBehind(entry), seat: entry.data.seat, at: timeOf(entry) });
        return;
      case 'glass.broken': {
        const file = this.#files.get(entry.data.glass);
        const { endsAt, reviewDueAt, skipped } = entry.data;
        if (file !== undefined) file.broken = { at: timeOf(entry), endsAt: msOf(endsAt), reviewDueAt: msOf(reviewDueAt), skipped };
        return;
      }
      case 'glass.ended': {
        const file = this.#files.get(entry.data.glass);
        if (file !== undefined) file.ended = { at: timeOf(entry), outcome: entry.data.outcome };
        return;
      }
      case 'glass.reviewed': {
        const file = this.#files.get(entry.data.glass);
        if (file !== undefined) file.reviewedAt = timeOf(entry);
        return;
      }
      default:
    }
  }
}
