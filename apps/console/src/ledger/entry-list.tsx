import { useVirtualizer } from '@tanstack/react-virtual';
import { Link } from '@tanstack/react-router';
import type { FoundEntry } from '@wheelhouse/protocol/export';
import { memo, useEffect, useEffectEvent, useRef, useSyncExternalStore } from 'react';
import { foundInWords } from './entry-words.ts';
import type { Names } from './names.ts';
import { kindInWords } from './kind-words.ts';
import { dateTime } from './plain-words.ts';
import type { Found } from './use-found-entries.ts';

const HEAD_HEIGHT = 30;
const ROW_HEIGHT = 40;
/** On a phone a row has two lines for its sentence, and one for the rest. */
const NARROW_HEIGHT = 70;

type List = {
  readonly found: Found;
  readonly names: Names;
  readonly selected: number | null;
  readonly onSelect: (index: number) => void;
  readonly onOpen: (index: number) => void;
};

export function EntryList({ found, names, selected, onSelect, onOpen }: List) {
  const { entries, hasMore, isReading, more } = found;
  const scroller = useRef<HTMLDivElement>(null);
  const isNarrow = useNarrow();
  // eslint-disable-next-line react-hooks/incompatible-library -- nothing here is memoised; the rows are, by their own props
  const rows = useVirtualizer({
    count: entries.length,
    estimateSize: () => (isNarrow ? NARROW_HEIGHT : ROW_HEIGHT),
    getScrollElement: () => scroller.current,
    getItemKey: (at) => entries[at]?.index ?? at,
    overscan: 8,
    paddingStart: isNarrow ? 0 : HEAD_HEIGHT,
    scrollPaddingStart: isNarrow ? 0 : HEAD_HEIGHT,
  });
  const { scrollToIndex, measure } = rows;
  useEffect(() => {
    measure();
  }, [isNarrow, measure]);
  const at = entries.findIndex(({ index }) => index === selected);
  useEffect(() => {
    if (at !== -1) scrollToIndex(at, { align: 'auto' });
  }, [at, scrollToIndex]);
  const items = rows.getVirtualItems();
  const last = items.at(-1)?.index ?? -1;
  // `more` is new with each rendering; what counts is how far the rows reach.
  const readOn = useEffectEvent(more);
  useEffect(() => {
    if (hasMore && !isReading && entries.length > 0 && last >= entries.length - 20) readOn();
  }, [last, entries.length, hasMore, isReading]);

  return (
    <div
      className="list entry-list"
      role="grid"
      tabIndex={0}
      aria-label="Entries, newest first"
      aria-rowcount={hasMore ? -1 : entries.length}
      aria-activedescendant={at === -1 ? undefined : `entry-${selected ?? ''}`}
      data-testid="entries"
    >
      <div ref={scroller} className="list-scroller" role="presentation">
        <div role="row" className="entry-row entry-head">
          <span role="columnheader">Entry</span>
          <span role="columnheader">When</span>
          <span role="columnheader">What happened</span>
          <span role="columnheader">Kind</span>
        </div>
        <div role="presentation" className="list-rows" style={{ height: rows.getTotalSize() }}>
          {items.map((item) => {
            const entry = entries[item.index];
            if (entry === undefined) return null;
            return (
              <div key={item.key} role="presentation" className="list-place" style={{ transform: `translateY(${item.start}px)` }}>
                <EntryRow entry={entry} names={names} isSelected={item.index === at} onSelect={onSelect} onOpen={onOpen} />
              </div>
            );
          })}
        </div>
      </div>
    </div>
  );
}

type Row = Pick<List, 'names' | 'onSelect' | 'onOpen'> & { readonly entry: FoundEntry; readonly isSelected: boolean };

const EntryRow = memo(function EntryRow({ entry, names, isSelected, onSelect, onOpen }: Row) {
  const { index, kind, time } = entry;
  const sentence = foundInWords(entry, names);
  return (
    <div
      role="row"
      id={`entry-${index}`}
      aria-selected={isSelected}
      className={`entry-row entry-kind-${kind.split('.')[0] ?? ''} ${kind === 'order.given' ? 'entry-order' : ''}`}
      data-testid={`entry-row-${index}`}
      data-kind={kind}
      onPointerDown={() => {
        onSelect(index);
      }}
      onClick={(event) => {
        // A click on the link is the link's own: it may be meant for another tab.
        if (!(event.target instanceof Element && event.target.closest('a') !== null)) onOpen(index);
      }}
    >
      <span role="gridcell" className="number entry-index">
        <Link to="/ledger/$index" params={{ index: String(index) }} tabIndex={-1}>
          #{index}
        </Link>
      </span>
      <time role="gridcell" className="number entry-time" dateTime={time ?? undefined}>
        {time === null ? '' : dateTime(time)}
      </time>
      <span role="gridcell" className="entry-sentence" title={sentence}>
        {sentence}
      </span>
      <span role="gridcell" className="entry-kind">
        {kindInWords(kind)}
      </span>
    </div>
  );
});

const NARROW = window.matchMedia('(max-width: 760px)');

function useNarrow(): boolean {
  return useSyncExternalStore(
    (listener) => {
      NARROW.addEventListener('change', listener);
      return () => {
        NARROW.removeEventListener('change', listener);
      };
    },
    () => NARROW.matches,
  );
}
