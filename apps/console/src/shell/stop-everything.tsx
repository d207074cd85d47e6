import { subject } from '@casl/ability';
import { ACROSS_TENANTS } from '@wheelhouse/access/abilities';
import type { Scope } from '@wheelhouse/protocol/scope';
import { useLive } from '../live/live.ts';
import { useCell } from '../live/use-cell.ts';
import { useMe } from './use-me.ts';

/** Everything that this person may stop: all tenants for those who run the house, otherwise their own tenant. */
function useWidestScope(): Scope | null {
  const { me, ability } = useMe();
  const { tenant } = me.principal;
  if (ability.can('give', subject('Order', { tenant: ACROSS_TENANTS }))) return { type: 'everything' };
  return ability.can('give', subject('Order', { tenant })) ? { type: 'tenant', tenant } : null;
}

/** One action, no confirmation; same place, colour and word on every page (ISO 13850). It stays pressable when already stopped. */
export function StopEverything() {
  const scope = useWidestScope();
  const { desk, store } = useLive();
  const { latches } = useCell(store.state);
  if (scope === null) return null;
  const isStopped = [...latches.values()].some((latch) => latch.kind === 'stop' && latch.scope.type === scope.type);
  return (
    <button
      type="button"
      className="stop stop-everything"
      data-testid="stop-everything"
      aria-pressed={isStopped}
      title={scope.type === 'tenant' ? `Stops every session of tenant ${scope.tenant}` : 'Stops every session'}
      onClick={(event) => {
        desk.give({ kind: 'stop' }, scope, event.timeStamp);
      }}
    >
      Stop everything
    </button>
  );
}
