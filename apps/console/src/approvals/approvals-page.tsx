import { useQuery } from '@tanstack/react-query';
import { Link, useSearch } from '@tanstack/react-router';
import { useState } from 'react';
import { charterQuery } from '../charter/charter-queries.ts';
import { Notices } from '../shell/notices.tsx';
import { ProblemNote } from '../shell/problem-note.tsx';
import { useMe } from '../shell/use-me.ts';
import { AccessDialog } from './access-dialog.tsx';
import { waitingQuery } from './approvals-queries.ts';
import { ApprovalsSearch } from './approvals-search.ts';
import { GlassSection } from './glass-section.tsx';
import { ProposalList } from './proposal-list.tsx';
import { RecordPanel } from './record-panel.tsx';
import './approvals.css';

const TABS = [
  ['inbox', 'Waits for you'],
  ['open', 'Open'],
  ['all', 'All'],
] as const;

/** `/approvals`: what has been proposed, and what of it waits for the reader. */
export function ApprovalsPage() {
  const { ability } = useMe();
  const { list = 'inbox' } = ApprovalsSearch.parse(useSearch({ strict: false }));
  const waiting = useQuery(waitingQuery);
  if (!ability.can('read', 'Proposal')) return <ProblemNote error="Proposals are for the people of this installation." />;
  return (
    <div className="approvals">
      <Notices />
      <header className="approvals-head">
        <div>
          <h1>Approvals</h1>
          <p className="soft">What loosens control takes effect only when enough people, from enough bodies, have signed a yes.</p>
        </div>
        <GrantAccess />
      </header>
      <GlassSection />
      <nav className="tabs" aria-label="Which proposals">
        {TABS.map(([name, words]) => (
          <Link
            key={name}
            to="/approvals"
            search={name === 'inbox' ? {} : { list: name }}
            activeOptions={{ exact: true }}
            data-testid={`tab-${name}`}
          >
            {words}
            {name === 'inbox' && waiting.data !== undefined && waiting.data.count > 0 && <Count {...waiting.data} />}
          </Link>
        ))}
      </nav>
      <div className="approvals-columns">
        <ProposalList key={list} list={list} />
        <aside className="approvals-side" aria-label="You">
          <RecordPanel />
        </aside>
      </div>
    </div>
  );
}

/** Only where the charter has the power: otherwise nobody can. */
function GrantAccess() {
  const { ability } = useMe();
  const charter = useQuery(charterQuery);
  const [isOpen, setOpen] = useState(false);
  const hasPower = charter.data?.powers.some(({ power }) => power === 'access.grant') === true;
  if (charter.data === undefined || !hasPower || !ability.can('propose', 'Proposal')) return null;
  return (
    <>
      <button
        type="button"
        data-testid="propose-access"
        onClick={() => {
          setOpen(true);
        }}
      >
        Grant access…
      </button>
      {isOpen && (
        <AccessDialog
          people={charter.data.people}
          onClose={() => {
            setOpen(false);
          }}
        />
      )}
    </>
  );
}

function Count({ count, hasMore }: { count: number; hasMore: boolean }) {
  return (
    <span className="count">
      {count}
      {hasMore ? '+' : ''}
    </span>
  );
}
