import type { Logger } from 'pino';
import type { Ledger } from '../ledger/ledger.ts';
import type { Bulletin } from '../operator/bulletin.ts';
import { pinAlarm } from '../operator/pinned-alarm.ts';
import type { OrderBookKeeper, TenantOf } from './order-book-keeper.ts';
import type { AheadEntry, OrderLog } from './order-log.ts';

/**
 * Brings what the write-ahead file holds beyond the ledger back into force, and into the ledger: orders that were acknowledged and could
 * not be stored before the server ended. Damage in the file is told; nothing of it is taken.
 */
export async function replayOrders(parts: {
  left: readonly AheadEntry[];
  damage: readonly string[];
  ledger: Ledger;
  keeper: OrderBookKeeper;
  tenantOf: TenantOf;
  orderLog: OrderLog;
  bulletin: Bulletin;
  log: Logger;
}): Promise<void> {
  const { left, damage, ledger, keeper, tenantOf, orderLog, bulletin, log } = parts;
  if (damage.length > 0) {
    const [first = ''] = damage;
    const more = damage.length === 1 ? '' : ` And ${damage.length - 1} more, which the log has.`;
    log.error({ damage }, 'the write-ahead file of orders was damaged or changed; these lines were not taken');
    pinAlarm(
      bulletin,
      'order_log_damaged',
      `The write-ahead file of orders was damaged or changed: ${first}${more} Nothing of it was taken.`,
    );
  }
  if (left.length === 0) return;
  const stored = await ledger.storedIds(left.map((entry) => entry.id));
  const missing = left.filter((entry) => !stored.has(entry.id));
  for (const entry of missing) keeper.recall(entry, null, tenantOf);
  if (missing.length > 0) log.warn({ orders: missing.length }, 'orders from the write-ahead file are in force again and go to the ledger');
  // They are in force; what can't be written now stays in the file for the next start.
  if (ledger.fault !== null) return;
  await Promise.all(
    missing.map(async (entry) => {
      const index = await ledger.appendEntry(entry);
      const given = entry.kind === 'order.given' ? keeper.orders.get(entry.data.order) : undefined;
      if (given !== undefined) given.entry = index;
    }),
  );
  await orderLog.stored(left.map((entry) => entry.id));
}
