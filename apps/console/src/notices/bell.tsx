import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useRouter } from '@tanstack/react-router';
import type { NoticeView, ReadRequest } from '@wheelhouse/protocol/notice';
import { useEffect, useRef, useState } from 'react';
import { closeOutside } from '../shell/close-outside.ts';
import { ProblemNote } from '../shell/problem-note.tsx';
import { useMe } from '../shell/use-me.ts';
import { markRead, noticesChanged, unreadQuery } from './notice-queries.ts';
import { Ways } from './ways.tsx';

/** What waits for this person, behind a bell that counts it. */
export function Bell() {
  const menu = useRef<HTMLDetailsElement>(null);
  const [isOpen, setIsOpen] = useState(false);
  const { ability } = useMe();
  const queries = useQueryClient();
  const { data, error } = useQuery(unreadQuery);
  const read = useMutation({ mutationFn: markRead, onSettled: () => noticesChanged(queries) });
  useEffect(() => closeOutside(menu), []);
  const unread = data?.unread ?? 0;

  function close() {
    if (menu.current !== null) menu.current.open = false;
  }

  return (
    <details
      ref={menu}
      className="menu bell"
      data-testid="bell"
      onToggle={(event) => {
        setIsOpen(event.currentTarget.open);
      }}
    >
      <summary aria-label={unread === 0 ? 'Notices' : `Notices, ${unread} unread`}>
        <BellMark />
        {unread > 0 && (
          <span className="bell-count" data-testid="bell-count" aria-hidden="true">
            {unread > 99 ? '99+' : unread}
          </span>
        )}
      </summary>
      <div className="menu-body">
        <NoticeList
          notices={data?.items ?? []}
          onRead={(request) => {
            read.mutate(request);
          }}
          onLeave={close}
        />
        {unread > 0 && (
          <button
            type="button"
            disabled={read.isPending}
            onClick={() => {
              read.mutate({ all: true });
            }}
          >
            Mark all as read
          </button>
        )}
        <ProblemNote error={error ?? read.error} />
        {isOpen && <Ways />}
        {ability.can('manage', 'NoticeChannel') && (
          <Link to="/channels" data-testid="house-channels" onClick={close}>
            Channels of the house
          </Link>
        )}
      </div>
    </details>
  );
}

type NoticeListProps = { notices: readonly NoticeView[]; onRead: (request: ReadRequest) => void; onLeave: () => void };

function NoticeList({ notices, onRead, onLeave }: NoticeListProps) {
  const { history } = useRouter();
  if (notices.length === 0) return <p className="soft">Nothing waits for you.</p>;
  return (
    <ul className="bell-list" aria-label="Unread notices">
      {notices.map(({ id, title, path, urgent, createdAt }) => (
        <li key={id} data-urgent={urgent}>
          <a
            href={path}
            onClick={(event) => {
              onRead({ ids: [id] });
              if (event.metaKey || event.ctrlKey || event.shiftKey) return;
              // Within the page: a talk that is running goes on.
              event.preventDefault();
              onLeave();
              history.push(path);
            }}
          >
            {urgent && <strong>Urgent: </strong>}
            {title}
          </a>
          <small>{new Date(createdAt).toLocaleString()}</small>
        </li>
      ))}
    </ul>
  );
}

function BellMark() {
  return (
    <svg viewBox="0 0 20 20" width={18} height={18} aria-hidden="true" fill="none" stroke="currentColor" strokeWidth={1.6}>
      <path d="M4 14.5h12l-1.4-2.2V8.6a4.6 4.6 0 0 0-9.2 0v3.7z" strokeLinejoin="round" />
      <path d="M8.2 16.6a1.9 1.9 0 0 0 3.6 0" strokeLinecap="round" />
    </svg>
  );
}
