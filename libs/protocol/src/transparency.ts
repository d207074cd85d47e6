import { z } from 'zod';
import { PowerId } from './charter.ts';
import { PowerView, SeatView } from './charter-view.ts';
import { InclusionProof, StoredEntry } from './ledger-entry.ts';
import { Level } from './level.ts';
import { LATCH_KINDS } from './order.ts';

const count = z.number().int().min(0);
const time = z.iso.datetime();

/**
 * A charter that is or was in force, for anybody. `stored` is the ledger's entry that adopted it, of which only the text, its name and number and the time
 * are shown; `proof` that it is in the tree of `checkpoint`. Null while no head has been published that covers it.
 */
export const PublicCharter = z.object({
  name: z.string(),
  version: count,
  text: z.string(),
  adoptedAt: time,
  stored: StoredEntry,
  proof: InclusionProof.nullable(),
});
export type PublicCharter = z.infer<typeof PublicCharter>;

/** `GET /v1/transparency`: what everybody may know, without an account. Only where WHEELHOUSE_TRANSPARENCY is true. */
export const Transparency = z.object({
  /** Newest first; empty before the first charter. */
  charters: z.array(PublicCharter),
  people: z.array(z.object({ id: z.string(), name: z.string() })),
  bodies: z.array(z.object({ id: z.string(), title: z.string() })),
  seats: z.array(SeatView),
  powers: z.array(PowerView),
  ceiling: z.object({ level: Level, because: z.array(z.string()) }),
  /** Proposals that have their quorum and wait for their notice to end. */
  notices: z.array(z.object({ power: PowerId, openedAt: time, passesAt: time })),
  /** Proposals by how they ended, since the beginning. */
  proposals: z.object({ executed: count, notExecuted: count, open: count }),
  /** Orders of the last 365 days, by kind, and how many of the latches are in force. `gateClosedUs`: microseconds from arrival to closed gates. */
  overrides: z.object({
    days: count,
    byKind: z.record(z.enum(LATCH_KINDS), count),
    inForce: count,
    gateClosedUs: z.object({ p50: z.number().nullable(), p99: z.number().nullable() }),
  }),
  /** Times a glass was broken, drills apart; and reviews that are overdue. */
  breakGlass: z.object({ broken: count, drills: count, overdue: count }),
  /** The latest published tree head with its cosignatures (a C2SP checkpoint), and the key that verifies the log's own signature. */
  checkpoint: z.string(),
  key: z.string(),
  /** The witnesses whose cosignatures may stand under it: name, and the C2SP verifier key that verifies theirs. `quorum`: how many a head needs. */
  witnesses: z.object({ quorum: count, keys: z.array(z.object({ name: z.string(), key: z.string() })) }),
  at: time,
});
export type Transparency = z.infer<typeof Transparency>;
