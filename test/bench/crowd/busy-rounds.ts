import { BUSY_MS } from '../server-hook.ts';
import type { HouseUnderLoad } from './house-under-load.ts';
import { machineNow } from './machine-clock.ts';
import { at, OrderFigures, stopAndLook } from './orders.ts';

/** Orders given while every stream thread is kept from doing anything else. They have to bite all the same: the latch is shared memory. */
export async function busyRounds(
  house: HouseUnderLoad,
  rounds: number,
): Promise<{ readonly figures: OrderFigures; readonly worstLatenessMs: number }> {
  const figures = new OrderFigures();
  let worstLatenessMs = 0;
  await house.status();
  for (let round = 0; round < rounds; round += 1) {
    await at(machineNow() + 100 + Math.random() * 200);
    process.kill(house.server.pid, 'SIGUSR2');
    // Well inside the busy half second, and long enough after its start that the signal has reached the threads.
    const intended = machineNow() + 60 + Math.random() * (BUSY_MS / 2);
    await stopAndLook(
      house,
      { way: round % 2 === 0 ? 'channel' : 'rest', scope: { type: 'everything' }, intended, lookMs: BUSY_MS + 300 },
      figures,
    );
    const { threads } = await house.status();
    worstLatenessMs = Math.max(worstLatenessMs, ...threads.map(({ latenessMs }) => latenessMs.max));
  }
  return { figures, worstLatenessMs };
}
