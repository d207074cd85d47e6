import { latchesOf, levelOf } from '@wheelhouse/gate/gate-word';
import type { LatchKind } from '@wheelhouse/protocol/order';
import type { Session } from '@wheelhouse/protocol/session';
import { memo } from 'react';
import { byWeight } from '../live/covering.ts';
import { useLive } from '../live/live.ts';
import { useCell } from '../live/use-cell.ts';
import { LATCHED_WORDS } from '../release/order-words.ts';
import { RecordedMark } from '../content/recorded-mark.tsx';
import { Sparkline } from './sparkline.tsx';

type Row = {
  readonly session: Session;
  readonly latched: readonly LatchKind[];
  readonly isSelected: boolean;
  readonly onSelect: (id: string) => void;
};

/** Meters reach the cells below without the row's or the list's doing. */
export const SessionRow = memo(function SessionRow({ session, latched, isSelected, onSelect }: Row) {
  return (
    <div
      role="row"
      id={`row-${session.id}`}
      aria-selected={isSelected}
      className={`row ${latched.length > 0 ? 'row-latched' : ''}`}
      data-testid={`session-row-${session.id}`}
      onPointerDown={() => {
        onSelect(session.id);
      }}
    >
      <span role="gridcell" className={`state state-${session.state}`}>
        {session.state}
      </span>
      <span role="gridcell" className="cell-deployment">
        {session.deployment}
        <small>{session.id.slice(0, 8)}</small>
        {session.recorded.length > 0 && <RecordedMark recorded={session.recorded} />}
      </span>
      <Live session={session} latched={latched} />
      <span role="gridcell" className="cell-opened">
        {session.openedByName}
      </span>
    </div>
  );
});

function Live({ session, latched }: { session: Session; latched: readonly LatchKind[] }) {
  const { store } = useLive();
  const meter = useCell(store.meter(session.id));
  const tick = Math.max(session.tick, meter?.tick ?? 0);
  const kinds = meter === null ? latched : byWeight(new Set([...latched, ...latchesOf(meter.word)]));
  return (
    <>
      <span role="gridcell" className="cell-level">
        {meter === null ? session.effectiveLevel : levelOf(meter.word)}
      </span>
      <span role="gridcell" className="number cell-tick">
        {tick}
      </span>
      <span role="gridcell" className="cell-sparkline">
        <Sparkline past={meter?.pastIn ?? []} label="level in" />
      </span>
      <span role="gridcell" className="cell-sparkline cell-out">
        <Sparkline past={meter?.pastOut ?? []} label="level out" />
      </span>
      <span role="gridcell" className="number cell-last">
        #{Math.max(session.lastSequence, meter?.lastSequence ?? 0)}
      </span>
      <span role="gridcell" className="cell-latches">
        {kinds.map((kind) => (
          <b key={kind} className={`latch latch-${kind}`}>
            {LATCHED_WORDS[kind]}
          </b>
        ))}
      </span>
    </>
  );
}
