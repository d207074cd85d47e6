import { useVirtualizer } from '@tanstack/react-virtual';
import type { Latch } from '@wheelhouse/protocol/order';
import type { Session } from '@wheelhouse/protocol/session';
import { useEffect, useRef } from 'react';
import { kindsOver } from '../live/covering.ts';
import { SessionRow } from './session-row.tsx';

const ROW_HEIGHT = 40;
const HEAD_HEIGHT = 30;
const COLUMNS = ['State', 'Deployment', 'Level', 'Tick', 'In', 'Out', 'Last frame', 'Latches', 'Opened by'] as const;

type List = {
  readonly sessions: readonly Session[];
  readonly latches: ReadonlyMap<string, Latch>;
  readonly selected: string | null;
  readonly onSelect: (id: string) => void;
};

export function SessionList({ sessions, latches, selected, onSelect }: List) {
  const scroller = useRef<HTMLDivElement>(null);
  // eslint-disable-next-line react-hooks/incompatible-library -- nothing here is memoised; the rows are, by their own props
  const rows = useVirtualizer({
    count: sessions.length,
    estimateSize: () => ROW_HEIGHT,
    getScrollElement: () => scroller.current,
    getItemKey: (index) => sessions[index]?.id ?? index,
    overscan: 6,
    // The head stays on top within the scroller, so that its columns and the rows' share one width; rows begin below it.
    paddingStart: HEAD_HEIGHT,
    scrollPaddingStart: HEAD_HEIGHT,
  });
  const at = sessions.findIndex((session) => session.id === selected);
  const { scrollToIndex } = rows;
  useEffect(() => {
    if (at !== -1) scrollToIndex(at, { align: 'auto' });
  }, [at, scrollToIndex]);

  return (
    <div
      className="list"
      role="grid"
      tabIndex={0}
      aria-label="Sessions"
      aria-rowcount={sessions.length}
      aria-activedescendant={at === -1 ? undefined : `row-${selected ?? ''}`}
    >
      <div ref={scroller} className="list-scroller" role="presentation">
        <div role="row" className="row row-head">
          {COLUMNS.map((column) => (
            <span key={column} role="columnheader">
              {column}
            </span>
          ))}
        </div>
        <div role="presentation" className="list-rows" style={{ height: rows.getTotalSize() }}>
          {rows.getVirtualItems().map((item) => {
            const session = sessions[item.index];
            if (session === undefined) return null;
            return (
              <div key={item.key} role="presentation" className="list-place" style={{ transform: `translateY(${item.start}px)` }}>
                <Latched session={session} latches={latches} isSelected={session.id === selected} onSelect={onSelect} />
              </div>
            );
          })}
        </div>
      </div>
    </div>
  );
}

function Latched({
  session,
  latches,
  isSelected,
  onSelect,
}: {
  session: Session;
  latches: List['latches'];
  isSelected: boolean;
  onSelect: (id: string) => void;
}) {
  const latched = kindsOver(session, latches.values());
  return <SessionRow session={session} latched={latched} isSelected={isSelected} onSelect={onSelect} />;
}
