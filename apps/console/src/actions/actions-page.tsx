import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { useNavigate, useParams } from '@tanstack/react-router';
import type { Action } from '@wheelhouse/protocol/action';
import { useMemo, useState } from 'react';
import { TimeFrom } from '../approvals/time-shown.tsx';
import { Notices } from '../shell/notices.tsx';
import { ProblemNote } from '../shell/problem-note.tsx';
import { useMe } from '../shell/use-me.ts';
import { useNow } from '../shell/use-now.ts';
import { ActionCard, ActionMark } from './action-card.tsx';
import { inOrder, isUrgent, titleOf } from './action-words.ts';
import { actionQuery, allActionsQuery, pendingQuery } from './actions-queries.ts';
import { useVerdictForm } from './decide-panel.tsx';
import { useActionsKeys } from './use-actions-keys.ts';
import './actions.css';

type Tab = 'waiting' | 'all';

/** `/actions`: what waits for a human, and what became of everything that was asked. */
export function ActionsPage() {
  const { ability } = useMe();
  const { id = null } = useParams({ strict: false });
  const navigate = useNavigate();
  const [tab, setTab] = useState<Tab>('waiting');
  const { actions, error, isPending, more } = useActions(tab);
  const selected = id ?? null;
  const known = actions.find((action) => action.id === selected);
  const one = useQuery({ ...actionQuery(selected ?? ''), enabled: selected !== null && known === undefined });
  const action = known ?? (selected === null ? undefined : one.data);
  const { open, setOpen } = useVerdictForm(selected);
  const select = (next: string) => void navigate({ to: '/actions/$id', params: { id: next }, replace: true });
  useActionsKeys({
    step: (by) => {
      const at = actions.findIndex((each) => each.id === selected);
      const next = actions[at === -1 ? 0 : Math.min(actions.length - 1, Math.max(0, at + by))];
      if (next !== undefined) select(next.id);
    },
    choose: (verdict) => {
      if (action?.state === 'pending') setOpen(verdict);
    },
    leave: () => {
      setOpen(null);
    },
  });
  if (!ability.can('read', 'Action')) return <ProblemNote error="Actions are for operators, reviewers and developers." />;
  return (
    <div className={`actions-page ${selected === null ? '' : 'actions-selected'}`}>
      <section className="actions-list" aria-label="Actions">
        <Notices />
        <h1>Actions</h1>
        <p className="soft">What agents, services and engines may do only when a human says so.</p>
        <Tabs tab={tab} onTab={setTab} />
        <ProblemNote error={error} />
        <Rows actions={actions} selected={selected} onSelect={select} />
        {actions.length === 0 && !isPending && <Nothing tab={tab} />}
        {more !== null && (
          <button type="button" onClick={more}>
            Older
          </button>
        )}
      </section>
      <section className="actions-detail" aria-label="The selected action">
        <ProblemNote error={selected !== null && action === undefined ? one.error : null} />
        {action !== undefined && (
          <>
            <button
              type="button"
              className="quiet actions-back"
              onClick={() => {
                void navigate({ to: '/actions' });
              }}
            >
              ← All actions
            </button>
            <ActionCard key={action.id} action={action} open={open} onOpen={setOpen} />
          </>
        )}
        {selected === null && (
          <p className="soft actions-hint">Choose one with j and k, or a click. Then a approves, e edits, w answers, x rejects.</p>
        )}
      </section>
    </div>
  );
}

function Nothing({ tab }: { tab: Tab }) {
  return (
    <div className="empty" data-testid="actions-empty">
      <h2>{tab === 'waiting' ? 'Nothing waits' : 'Nothing was asked yet'}</h2>
      <p className="soft">
        {tab === 'waiting'
          ? 'When policy holds a tool call or an utterance for a human, it appears here by itself.'
          : 'Agents and services ask with POST /v1/actions, engines by calling a tool.'}
      </p>
    </div>
  );
}

const TABS: readonly (readonly [Tab, string])[] = [
  ['waiting', 'Waiting'],
  ['all', 'All'],
];

function Tabs({ tab, onTab }: { tab: Tab; onTab: (tab: Tab) => void }) {
  return (
    <div className="actions-tabs" role="group" aria-label="Which actions">
      {TABS.map(([name, words]) => (
        <button
          key={name}
          type="button"
          aria-pressed={tab === name}
          data-testid={`actions-${name}`}
          onClick={() => {
            onTab(name);
          }}
        >
          {words}
        </button>
      ))}
    </div>
  );
}

type List = { readonly actions: readonly Action[]; readonly selected: string | null; readonly onSelect: (id: string) => void };

function Rows({ actions, selected, onSelect }: List) {
  const now = useNow();
  return (
    <ul className="action-rows">
      {actions.map((action) => (
        <li key={action.id} data-testid={`action-${action.id}`} data-state={action.state}>
          <button
            type="button"
            className={`action-row ${action.state === 'pending' && isUrgent(action, now) ? 'action-urgent' : ''}`}
            aria-current={action.id === selected}
            onClick={() => {
              onSelect(action.id);
            }}
          >
            <span className="action-title">{titleOf(action)}</span>
            <span className="action-gist">{gistOf(action)}</span>
            <span className="action-who soft">
              {action.agent === '' ? action.askedByName : action.agent}, <TimeFrom iso={action.askedAt} />
            </span>
            {action.state === 'pending' ? (
              <span className="action-left">
                runs out <TimeFrom iso={action.expiresAt} />
              </span>
            ) : (
              <ActionMark action={action} />
            )}
          </button>
        </li>
      ))}
    </ul>
  );
}

/** The arguments on one line. */
function gistOf({ arguments: given }: Action): string {
  return given === null ? '' : JSON.stringify(given).slice(0, 160);
}

function useActions(tab: Tab) {
  const waiting = useQuery(pendingQuery);
  const all = useInfiniteQuery({ ...allActionsQuery, enabled: tab === 'all' });
  const now = useNow();
  const pending = waiting.data?.items;
  const pages = all.data?.pages;
  const sorted = useMemo(() => inOrder(pending ?? [], now), [pending, now]);
  const everything = useMemo(() => pages?.flatMap(({ items }) => items) ?? [], [pages]);
  if (tab === 'waiting') return { actions: sorted, error: waiting.error, isPending: waiting.isPending, more: null };
  const more = all.hasNextPage ? () => void all.fetchNextPage() : null;
  return { actions: everything, error: all.error, isPending: all.isPending, more };
}
