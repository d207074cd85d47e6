import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { pageOf } from '@wheelhouse/protocol/page';
import { Session } from '@wheelhouse/protocol/session';
import { useMemo, useRef, useState, type RefObject } from 'react';
import { latchesOver } from '../live/covering.ts';
import { useLive } from '../live/live.ts';
import type { Act } from '../live/order-desk.ts';
import { useCell } from '../live/use-cell.ts';
import { AskReleaseDialog } from '../release/release-dialogs.tsx';
import { call } from '../rest/call.ts';
import { Notices } from '../shell/notices.tsx';
import { ProblemNote } from '../shell/problem-note.tsx';
import { filtered, StateFilter, STATE_FILTERS, stepped, type SessionFilter } from './filter.ts';
import { KeysDialog } from './keys-dialog.tsx';
import { SessionList } from './session-list.tsx';
import { SessionPanel } from './session-panel.tsx';
import { useSelection } from './use-selection.ts';
import { useSessionsKeys } from './use-sessions-keys.ts';

type Open = 'keys' | 'release' | null;

export function SessionsPage() {
  const { store, desk } = useLive();
  const { sessions, latches, releases } = useCell(store.state);
  const [filter, setFilter] = useState<SessionFilter>({ state: 'open', text: '' });
  const [open, setOpen] = useState<Open>(null);
  const { selected, select, selection } = useSelection();
  const ended = useEndedSessions(filter.state === 'ended');
  const known = useMemo(
    () => new Map([...ended.items.map((session) => [session.id, session] as const), ...sessions]),
    [ended.items, sessions],
  );
  const shown = useMemo(() => filtered(known.values(), filter), [known, filter]);
  const one = useQuery({
    queryKey: ['session', selected],
    enabled: selected !== null && !known.has(selected),
    queryFn: () => call(Session, 'GET', `/v1/sessions/${selected ?? ''}`),
  });
  const session = selected === null ? undefined : (known.get(selected) ?? one.data);
  const releasable =
    session === undefined
      ? undefined
      : latchesOver(session, latches.values()).find((latch) => ![...releases.values()].some((release) => release.latch === latch.order));

  // Reads the selection at the press, not at the last rendering: j and s pressed in quick succession stop the session that j chose.
  function act(order: Act, pressedAt: number) {
    const id = selection.get();
    if (id !== null) desk.give(order, { type: 'session', session: id }, pressedAt);
  }

  const filterField = useRef<HTMLInputElement>(null);
  useSessionsKeys({
    act,
    step: (by) => {
      const next = stepped(shown, selection.get(), by);
      if (next !== null) select(next);
    },
    askRelease: () => {
      if (releasable !== undefined) setOpen('release');
    },
    focusFilter: () => filterField.current?.focus(),
    showKeys: () => {
      setOpen('keys');
    },
    leave: () => {
      setOpen(null);
    },
  });

  return (
    <div className={`sessions ${session === undefined ? '' : 'sessions-selected'}`}>
      <section className="sessions-list" aria-label="All sessions">
        <Notices />
        <FilterBar
          filter={filter}
          onFilter={setFilter}
          count={shown.length}
          field={filterField}
          onKeys={() => {
            setOpen('keys');
          }}
        />
        <ProblemNote error={ended.error} />
        <SessionList sessions={shown} latches={latches} selected={selected} onSelect={select} />
        {shown.length === 0 && <p className="nothing">No session passes the filter. Open one on the Talk page.</p>}
        {ended.hasMore && (
          <button type="button" onClick={ended.more}>
            Older sessions
          </button>
        )}
      </section>
      {session !== undefined && <SessionPanel key={session.id} session={session} onAct={act} />}
      {session === undefined && (
        <section className="panel panel-empty">
          <ProblemNote error={one.error} />
          {one.error === null && <p className="soft">Choose a session with j and k, or a click.</p>}
        </section>
      )}
      {open === 'keys' && (
        <KeysDialog
          onClose={() => {
            setOpen(null);
          }}
        />
      )}
      {open === 'release' && releasable !== undefined && (
        <AskReleaseDialog
          latch={releasable}
          onClose={() => {
            setOpen(null);
          }}
        />
      )}
    </div>
  );
}

type Filters = {
  readonly filter: SessionFilter;
  readonly onFilter: (filter: SessionFilter) => void;
  readonly count: number;
  readonly field: RefObject<HTMLInputElement | null>;
  readonly onKeys: () => void;
};

function FilterBar({ filter, onFilter, count, field, onKeys }: Filters) {
  return (
    <div className="filters" role="search">
      <select
        aria-label="State"
        data-testid="filter-state"
        value={filter.state}
        onChange={(event) => {
          onFilter({ ...filter, state: StateFilter.parse(event.currentTarget.value) });
        }}
      >
        {STATE_FILTERS.map((state) => (
          <option key={state}>{state}</option>
        ))}
      </select>
      <input
        ref={field}
        type="search"
        placeholder="Filter  /"
        aria-label="Filter by text"
        aria-keyshortcuts="/"
        data-testid="filter-text"
        value={filter.text}
        onChange={(event) => {
          onFilter({ ...filter, text: event.currentTarget.value });
        }}
      />
      <output className="soft number">
        {count} {count === 1 ? 'session' : 'sessions'}
      </output>
      <button type="button" className="quiet" aria-keyshortcuts="?" onClick={onKeys}>
        Keys <kbd>?</kbd>
      </button>
    </div>
  );
}

/** Ended sessions are not live: they are read by pages, and only when somebody looks for them. */
function useEndedSessions(enabled: boolean) {
  const pages = useInfiniteQuery({
    queryKey: ['sessions', 'ended'],
    enabled,
    initialPageParam: '',
    queryFn: ({ pageParam }) =>
      call(
        pageOf(Session),
        'GET',
        `/v1/sessions?state=ended&limit=100${pageParam === '' ? '' : `&cursor=${encodeURIComponent(pageParam)}`}`,
      ),
    getNextPageParam: (page) => page.next,
  });
  const items = useMemo(() => pages.data?.pages.flatMap((page) => page.items) ?? [], [pages.data]);
  return { items, error: pages.error, hasMore: enabled && pages.hasNextPage, more: () => void pages.fetchNextPage() };
}
