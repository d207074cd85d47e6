import { useInfiniteQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { ProposalLine } from '@wheelhouse/protocol/proposal';
import { memo, useEffect, useRef, useState } from 'react';
import { ProblemNote } from '../shell/problem-note.tsx';
import { listQuery, type ListName } from './approvals-queries.ts';
import { isOver, missingInWords } from './proposal-words.ts';
import { StateMark } from './state-mark.tsx';
import { TimeFrom } from './time-shown.tsx';
import { useRowKeys } from './use-row-keys.ts';

const EMPTY: Readonly<Record<ListName, readonly [title: string, words: string]>> = {
  inbox: ['Nothing waits for you', 'Proposals that need your vote appear here by themselves, and beside “Approvals” above.'],
  open: ['Nothing is open', 'Asking for a release, amending the charter or giving somebody a seat opens a proposal.'],
  all: [
    'Nobody has proposed anything yet',
    'Whatever loosens control here is proposed first, and takes effect when enough people have signed a yes.',
  ],
};

/** One of the lists, page by page. Pages far from the window stand as empty space, so ten thousand lines cost no more than a few hundred. */
export function ProposalList({ list }: { list: ListName }) {
  const queries = useQueryClient();
  const query = listQuery(list);
  const pages = useInfiniteQuery(query);
  const { hasNextPage, isFetching, isFetchNextPageError, fetchNextPage } = pages;
  const read = pages.data?.pages.length ?? 0;
  const [wanted, setWanted] = useState(1);
  // A change that is read in between takes the place of a page that was asked for: then that is asked for again.
  useEffect(() => {
    if (read > 0 && read < wanted && hasNextPage && !isFetching && !isFetchNextPageError) void fetchNextPage();
  }, [read, wanted, hasNextPage, isFetching, isFetchNextPageError, fetchNextPage]);
  const isEmpty = (pages.data?.pages[0]?.items.length ?? 0) === 0;
  const [title, words] = EMPTY[list];
  const rows = useRef<HTMLDivElement>(null);
  useRowKeys(rows);
  return (
    <div className="proposal-list" data-testid={`proposals-${list}`}>
      <ProblemNote error={pages.error} />
      {pages.isPending && <p className="soft">Reading…</p>}
      {pages.isSuccess && isEmpty && (
        <div className="empty">
          <h2>{title}</h2>
          <p className="soft">{words}</p>
        </div>
      )}
      {!isEmpty && (
        <div ref={rows} className="proposal-pages">
          {pages.data?.pages.map(({ items }, at) => (
            <PageOfRows key={at} lines={items} />
          ))}
        </div>
      )}
      {hasNextPage && (
        <button
          type="button"
          className="more"
          data-testid="more-proposals"
          disabled={pages.isFetchingNextPage}
          onClick={() => {
            setWanted(read + 1);
            void fetchNextPage();
          }}
        >
          {pages.isFetchingNextPage ? 'Reading…' : 'More'}
        </button>
      )}
      {pages.isStale && !isFetching && (
        <p className="list-old" role="status">
          Something has changed since this was read.
          <button
            type="button"
            onClick={() => {
              setWanted(1);
              void queries.resetQueries({ queryKey: query.queryKey, exact: true });
            }}
          >
            Read it again
          </button>
        </p>
      )}
    </div>
  );
}

/** How far from the window rows are still drawn: more than one scrolls in the time that drawing takes. */
const MARGIN = '1200px 0px';

const PageOfRows = memo(function Rows({ lines }: { lines: readonly ProposalLine[] }) {
  const place = useRef<HTMLUListElement>(null);
  // The height of the rows when they were last drawn; null while they are.
  const [height, setHeight] = useState<number | null>(null);
  useEffect(() => {
    if (place.current === null) return undefined;
    const observer = new IntersectionObserver(
      ([seen]) => {
        if (seen !== undefined) setHeight(seen.isIntersecting ? null : seen.boundingClientRect.height);
      },
      // The page scrolls, not the window: a margin counts for the root only.
      { root: place.current.closest('.approvals'), rootMargin: MARGIN },
    );
    observer.observe(place.current);
    return () => {
      observer.disconnect();
    };
  }, []);
  return (
    <ul ref={place} aria-label="Proposals" style={height === null ? undefined : { height }}>
      {height === null && lines.map((line) => <ProposalRow key={line.id} line={line} />)}
    </ul>
  );
});

const ProposalRow = memo(function Row({ line }: { line: ProposalLine }) {
  const { id, title, reason, proposerName, openedAt, state, closesAt, waitsForYou, yours } = line;
  return (
    <li className={`proposal-row ${waitsForYou ? 'proposal-waits' : ''}`} data-testid={`proposal-${id}`} data-state={state}>
      <div className="proposal-what">
        <Link to="/approvals/$id" params={{ id }} className="proposal-title">
          {title}
        </Link>
        <p className="proposal-why">{reason}</p>
        <p className="proposal-who">
          {yours.proposer ? 'You' : proposerName}, <TimeFrom iso={openedAt} />
        </p>
      </div>
      <div className="proposal-where">
        <StateMark state={state} />
        <span>{state === 'open' ? missingInWords(line) : ''}</span>
        <span className="soft">
          {state === 'open' ? (
            <>
              closes <TimeFrom iso={closesAt} />
            </>
          ) : (
            ''
          )}
        </span>
      </div>
      <div className="proposal-yours">
        {waitsForYou && <b>Your vote</b>}
        {!waitsForYou && yours.voted !== null && <span className="soft">You: {yours.voted}</span>}
        {!waitsForYou && yours.voted === null && !isOver(state) && yours.proposer && <span className="soft">Yours</span>}
      </div>
    </li>
  );
});
