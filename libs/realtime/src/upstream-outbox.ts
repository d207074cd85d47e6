import type { UpstreamClientEvent } from './upstream-client-events.ts';

/** What waits for a socket that takes no more at the moment, oldest first. */
export type Outbox = readonly UpstreamClientEvent[];

/** Sound that waits: five seconds. What is older would be answered too late to matter. */
const MOST_APPENDS = 25;
/** Everything else that waits has to arrive, in its order; a socket that does not take that much is stuck. */
const MOST_OTHERS = 512;

/** Adds events. `dropped`: pieces of sound that were given up, oldest first. `isStuck`: more waits than can be waited for. */
export function addToOutbox(
  outbox: Outbox,
  events: readonly UpstreamClientEvent[],
): { readonly outbox: Outbox; readonly dropped: number; readonly isStuck: boolean } {
  const all = [...outbox, ...events];
  const appends = all.reduce((count, { type }) => count + (type === 'input_audio_buffer.append' ? 1 : 0), 0);
  const dropped = Math.max(0, appends - MOST_APPENDS);
  let left = dropped;
  const kept = all.filter(({ type }) => {
    if (type !== 'input_audio_buffer.append' || left === 0) return true;
    left -= 1;
    return false;
  });
  return { outbox: kept, dropped, isStuck: all.length - appends > MOST_OTHERS };
}
