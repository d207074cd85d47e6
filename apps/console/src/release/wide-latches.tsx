import { scopeInWords } from '@wheelhouse/protocol/scope';
import { useLive } from '../live/live.ts';
import { useCell } from '../live/use-cell.ts';
import { Effect } from '../sessions/effect.tsx';
import { LATCHED_WORDS, timeOf } from './order-words.ts';
import { ReleaseFlow } from './release-flow.tsx';

/** Latches over more than one session, on every page: whoever looks at the house sees that part of it is stopped, and why. */
export function WideLatches() {
  const { store } = useLive();
  const { latches, given } = useCell(store.state);
  const wide = [...latches.values()].filter((latch) => latch.scope.type !== 'session');
  const pending = [...given.values()].filter((order) => order.request.scope.type !== 'session' && !latches.has(order.request.id));
  const unanswered = pending.filter((order) => order.progress.state !== 'in force');
  if (wide.length === 0 && unanswered.length === 0) return null;
  return (
    <section className="wide-latches" aria-label="Orders over more than one session">
      {unanswered.map((order) => (
        <Effect key={order.request.id} order={order} session={null} />
      ))}
      {wide.map((latch) => {
        const own = given.get(latch.order);
        return (
          <div key={latch.order} className="wide-latch" data-testid={`wide-latch-${latch.kind}`}>
            <p>
              <strong>
                {latch.scope.type === 'everything' ? 'Everything' : scopeInWords(latch.scope)} is {LATCHED_WORDS[latch.kind]}
              </strong>{' '}
              by {latch.authorName} at {timeOf(latch.givenAt)}, order {latch.number}.{latch.reason === '' ? '' : ` ${latch.reason}`}
            </p>
            {own !== undefined && <Effect order={own} session={null} />}
            <ReleaseFlow latch={latch} prefix="wide-" />
          </div>
        );
      })}
    </section>
  );
}
