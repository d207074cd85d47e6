import { sha256 } from '@wheelhouse/installation/node-crypto';
import { genesisHead } from '@wheelhouse/ledger/tick-chain';
import type { Ledger } from '../ledger/ledger.ts';
import type { Rest } from '../stream/thread-messages.ts';

/** After a crash this many ticks may be missing from the evidence: what the lease allows before it ends, and the segment in hand. */
export const LOST_IN_A_CRASH = 25;
/** Frames that may have left in those ticks: audio, words and what was heard in each. */
const FRAMES_A_TICK = 8;

/** Where a session may go on after a crash: beyond anything that could have left without evidence. */
export function afterCrash(rest: Rest): Rest {
  return { tick: rest.tick + LOST_IN_A_CRASH, sequence: rest.sequence + LOST_IN_A_CRASH * FRAMES_A_TICK, head: rest.head };
}

/** Where a session stood that a crash cut off, by the last evidence of it. */
export async function restFromLedger(id: string, ledger: Ledger): Promise<Rest> {
  const last = await ledger.lastAbout('session.segment', id);
  if (last === null) return afterCrash({ tick: 0, sequence: 0, head: genesisHead(id, sha256) });
  return afterCrash({ tick: last.data.toTick + 1, sequence: last.data.out.last, head: Buffer.from(last.data.head, 'base64') });
}
