import { useQuery } from '@tanstack/react-query';
import type { Transparency } from '@wheelhouse/protocol/transparency';
import { useEffect, type ReactNode } from 'react';
import { inWords, isRefusedWith } from '../rest/call.ts';
import { CharterSection, HistorySection } from './charter-section.tsx';
import { CheckPanel } from './check-panel.tsx';
import { CeilingSection, DecisionsSection, OverridesSection } from './figures-section.tsx';
import { ByYourself, LogSection } from './log-section.tsx';
import { PowersSection, SeatsSection } from './seats-section.tsx';
import { Moment } from './section.tsx';
import { transparencyQuery } from './transparency-query.ts';
import '../ledger/verification.css';
import '../charter/editor.css';
import './transparency.css';
import './print.css';

/** `/transparency`: what everybody may know of this installation, without an account, and how to check it. */
export function TransparencyPage() {
  const { data: page, error, dataUpdatedAt } = useQuery(transparencyQuery);
  useTitle('Transparency – Wheelhouse');
  if (page !== undefined) return <Whole page={page} loadedAt={dataUpdatedAt} />;
  if (isRefusedWith(error, 'not_found')) return <NothingPublished />;
  return (
    <Frame>
      {error === null ? (
        <p className="public-empty soft">Reading…</p>
      ) : (
        <div className="public-empty" role="alert">
          <h1>This page cannot be shown now</h1>
          <p>{inWords(error)}</p>
          <p>
            <a href="/transparency">Try again</a>
          </p>
        </div>
      )}
    </Frame>
  );
}

const PARTS = [
  ['charter', 'The charter'],
  ['seats', 'Seats'],
  ['powers', 'Powers'],
  ['now', 'At present'],
  ['overrides', 'Overrides'],
  ['decisions', 'Decisions'],
  ['log', 'The log'],
  ['history', 'History'],
  ['by-yourself', 'Check it without us'],
] as const;

function Whole({ page, loadedAt }: { page: Transparency; loadedAt: number }) {
  const [charter] = page.charters;
  const absent = new Set(charter === undefined ? ['seats', 'powers', 'history'] : []);
  return (
    <Frame
      tools={
        <button
          type="button"
          onClick={() => {
            window.print();
          }}
        >
          Print
        </button>
      }
    >
      <header className="public-title">
        <h1>Who holds the wheel</h1>
        <p>
          An AI speaks here, and people stay in charge of it. This page says who they are, by which rules they decide, and how often they
          intervened. It is for everybody, and you need not take our word for it.
        </p>
        <p className="soft">
          {window.location.host}, as of <Moment iso={page.at} />
        </p>
        <nav aria-label="On this page">
          {PARTS.filter(([id]) => !absent.has(id)).map(([id, name]) => (
            <a key={id} href={`#${id}`}>
              {name}
            </a>
          ))}
        </nav>
      </header>
      <CheckPanel key={page.at} page={page} loadedAt={loadedAt} />
      <CharterSection charter={charter ?? null} />
      <SeatsSection page={page} />
      <PowersSection page={page} />
      <CeilingSection page={page} />
      <OverridesSection page={page} />
      <DecisionsSection page={page} />
      <LogSection page={page} />
      <HistorySection charters={page.charters} />
      <ByYourself page={page} />
    </Frame>
  );
}

function NothingPublished() {
  return (
    <Frame>
      <div className="public-empty" data-testid="nothing-published">
        <h1>This installation publishes nothing</h1>
        <p>
          Whoever runs it has not made its charter and its figures public. That is for them to decide: with{' '}
          <code>WHEELHOUSE_TRANSPARENCY=true</code> they would stand here, for everybody to read and to check.
        </p>
      </div>
    </Frame>
  );
}

function Frame({ tools, children }: { tools?: ReactNode; children: ReactNode }) {
  return (
    <div className="public">
      <div className="public-bar">
        <p>
          <img src="/wheel.svg" alt="" width={22} height={22} /> Wheelhouse
        </p>
        {tools}
      </div>
      <main>{children}</main>
    </div>
  );
}

function useTitle(title: string) {
  useEffect(() => {
    const before = document.title;
    document.title = title;
    return () => {
      document.title = before;
    };
  }, [title]);
}
