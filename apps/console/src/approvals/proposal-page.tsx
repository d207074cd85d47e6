import { useQuery } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import type { ProposalView } from '@wheelhouse/protocol/proposal';
import { useMemo, useState } from 'react';
import { plural } from '../ledger/plain-words.ts';
import { Notices } from '../shell/notices.tsx';
import { EntryLink } from '../charter/record-links.tsx';
import { ProblemNote } from '../shell/problem-note.tsx';
import { proposalQuery } from './approvals-queries.ts';
import { useAttention } from './attention.ts';
import { Evidence } from './evidence.tsx';
import { POWER_WORDS } from './power-words.ts';
import { ProposalActs } from './proposal-acts.tsx';
import { isOver } from './proposal-words.ts';
import { NotToBeSigned } from './not-to-be-signed.tsx';
import { whyNotToSign } from './sign.ts';
import { Standing, Votes } from './standing.tsx';
import { StateMark } from './state-mark.tsx';
import { TimeFrom } from './time-shown.tsx';
import { VotePanel } from './vote-panel.tsx';
import './approvals.css';

/** `/approvals/:id`: one proposal, all that a vote on it needs, and the vote. */
export function ProposalPage() {
  const { id = '' } = useParams({ strict: false });
  // Another proposal is another look at it, with its own time in view.
  return <Proposal key={id} id={id} />;
}

function Proposal({ id }: { id: string }) {
  const { data: view, error, isPending } = useQuery(proposalQuery(id));
  return (
    <div className="approvals">
      <Notices />
      <nav className="back" aria-label="Back">
        <Link to="/approvals">← Approvals</Link>
      </nav>
      <ProblemNote error={error} />
      {isPending && <p className="soft">Reading…</p>}
      {view !== undefined && <Whole view={view} />}
    </div>
  );
}

function Whole({ view }: { view: ProposalView }) {
  const attention = useAttention();
  const fault = useMemo(() => whyNotToSign(view), [view]);
  const { preview, reason, proposerName, yours, openedAt, closesAt, power, state, entry } = view;
  return (
    <article className="proposal" aria-labelledby="proposal-title" data-testid="proposal" data-state={state}>
      <header className="proposal-head">
        <p className="proposal-kind">
          <span className="soft">{POWER_WORDS[power]}</span> <StateMark state={state} />
          {state === 'open' && (
            <span>
              closes <TimeFrom iso={closesAt} />
            </span>
          )}
        </p>
        <h1 id="proposal-title">{preview.title}</h1>
        <p className="soft">
          Proposed by {yours.proposer ? 'you' : proposerName} <TimeFrom iso={openedAt} />, <EntryLink entry={entry} />
        </p>
      </header>
      {fault !== null && <NotToBeSigned fault={fault} />}
      <div className="proposal-columns">
        <div className="proposal-main">
          <section className="part" aria-labelledby="what">
            <h2 id="what">{state === 'executed' ? 'What happened' : isOver(state) ? 'What would have happened' : 'What will happen'}</h2>
            <ul className="will-happen" data-testid="preview">
              {preview.lines.map((line) => (
                <li key={line}>{line}</li>
              ))}
            </ul>
            <BlastRadius view={view} />
          </section>
          <section className="part" aria-labelledby="why">
            <h2 id="why">Why, in the proposer’s words</h2>
            <blockquote className="why">{reason}</blockquote>
          </section>
          <Evidence view={view} attention={attention} />
          <Votes votes={view.votes} />
        </div>
        <aside className="approvals-side decision" aria-label="Decision">
          <Standing view={view} />
          {state === 'open' && <VotePanel view={view} attention={attention} fault={fault} />}
          {!isOver(state) && <ProposalActs view={view} />}
          <Digest digest={view.digest} />
        </aside>
      </div>
    </article>
  );
}

/** How far it reaches, in numbers; which ones they are is evidence, to be opened. */
function BlastRadius({ view: { preview, act } }: { view: ProposalView }) {
  const { sessions, deployments } = preview;
  if (act.power === 'key.rotate')
    return (
      <p data-testid="blast-radius">
        It reaches <b>everything that is kept of every person</b>: no live session and no deployment, but without the new key none of it can
        be read again.
      </p>
    );
  if (sessions.count === 0 && deployments.count === 0)
    return <p data-testid="blast-radius">It reaches no live session and no deployment.</p>;
  return (
    <p data-testid="blast-radius">
      It reaches <b>{plural(sessions.count, 'live session')}</b> and <b>{plural(deployments.count, 'deployment')}</b>.
    </p>
  );
}

function Digest({ digest }: { digest: string }) {
  const [copied, setCopied] = useState('');
  function copy() {
    // Pages that came by plain HTTP have no clipboard; the whole digest stands in the title.
    if (!('clipboard' in navigator)) setCopied('This page has no clipboard.');
    else
      navigator.clipboard.writeText(digest).then(
        () => {
          setCopied('Copied.');
        },
        () => {
          setCopied('The browser did not allow it.');
        },
      );
  }
  return (
    <p className="digest soft">
      Digest <code title={digest}>{digest.slice(0, 16)}…</code>
      <button type="button" className="quiet" aria-label="Copy the digest" data-testid="copy-digest" onClick={copy}>
        Copy
      </button>
      <span role="status">{copied}</span>
    </p>
  );
}
