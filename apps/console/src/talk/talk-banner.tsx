import { TICK_MS } from '@wheelhouse/protocol/tick';
import type { Latch, LatchKind } from '@wheelhouse/protocol/order';
import { useLive } from '../live/live.ts';
import { useCell } from '../live/use-cell.ts';
import { recordedInWords } from '../content/content-words.ts';
import { withholds, type Talk, type TalkState } from './talk-state.ts';

/** Says why the engine is silent, before the person has to wonder. */
export function TalkBanner({ state }: { state: TalkState }) {
  switch (state.phase) {
    case 'idle':
      return null;
    case 'connecting':
      return <p className="banner">{state.trouble === null ? 'Connecting…' : `${state.trouble} Connecting again…`}</p>;
    case 'ended':
      return (
        <p className="banner" role="status" data-testid="ended-reason">
          The session has ended. {state.reason}
        </p>
      );
    case 'attached':
      return (
        <div role="status">
          {state.talk.holdBack > 0 && (
            <p className="muted" data-testid="hold-back">
              What you hear is held back for {state.talk.holdBack * TICK_MS} ms until policy has judged it.
            </p>
          )}
          {state.talk.recorded.length > 0 && (
            <p className="banner banner-recorded" data-testid="recorded-notice">
              This conversation is recorded: {recordedInWords(state.talk.recorded)}.
            </p>
          )}
          {state.talk.cut !== null && <p className="banner banner-caution">{state.talk.cut} Connecting again…</p>}
          {state.talk.latched.map((kind) => (
            <LatchBanner key={kind} talk={state.talk} kind={kind} />
          ))}
          {!state.talk.leased && (
            <p className="banner banner-caution" data-testid="lease-lost">
              The engine is withheld: its right to speak ran out and has not been renewed. It goes on by itself when it is.
            </p>
          )}
          {state.talk.notice !== null && <p className="banner banner-caution">{state.talk.notice}</p>}
        </div>
      );
  }
}

function LatchBanner({ talk, kind }: { talk: Talk; kind: LatchKind }) {
  const { store } = useLive();
  const { latches } = useCell(store.state);
  const order = orderOf(talk, kind, latches);
  return (
    <p className={`banner ${withholds(kind) ? 'banner-latched' : ''}`} data-testid={`banner-${kind}`}>
      {sentence(kind, order === undefined ? '' : `, order ${order.number}`)}
    </p>
  );
}

/** The stream names the order by its id; its number comes by the operator channel, which may be a moment later or not be there. */
function orderOf(talk: Talk, kind: LatchKind, latches: ReadonlyMap<string, Latch>): Latch | undefined {
  if (talk.order?.kind === kind) return latches.get(talk.order.id);
  return [...latches.values()].findLast(
    (latch) => latch.kind === kind && latch.scope.type === 'session' && latch.scope.session === talk.session,
  );
}

function sentence(kind: LatchKind, order: string): string {
  switch (kind) {
    case 'stop':
      return `Stopped by an operator${order}. The engine is withheld until it is released.`;
    case 'hold':
      return `Held by an operator${order}. The engine listens, and is withheld until it is released.`;
    case 'mute':
      return `Muted by an operator${order}. The engine's voice is withheld until it is released; its text passes.`;
    case 'take_over':
      return `An operator took over${order}. The engine is withheld until it is released.`;
    case 'level':
      return `An operator lowered the level${order}.`;
  }
}
