import { Link, useNavigate, useParams } from '@tanstack/react-router';
import { useEffect, useEffectEvent } from 'react';
import { ProblemNote } from '../shell/problem-note.tsx';
import { takesText } from '../sessions/keys.ts';
import { EntryFields } from './entry-fields.tsx';
import { EntryTrail } from './entry-trail.tsx';
import { sentenceOf } from './entry-words.ts';
import { kindInWords } from './kind-words.ts';
import { dateTime } from './plain-words.ts';
import { useEntry, type ShownEntry } from './use-entry.ts';
import { useNames } from './use-names.ts';
import { VerifyPanel } from './verify-panel.tsx';

/** `/ledger/:index`: one entry, what it says, what led to it, and its proof. */
export function EntryPage() {
  const { index: text = '' } = useParams({ strict: false });
  if (!/^\d{1,15}$/.test(text)) {
    return (
      <div className="ledger-page">
        <h1>There is no such entry</h1>
        <p>Entries are numbered from 0.</p>
      </div>
    );
  }
  return <Entry key={text} index={Number(text)} />;
}

function Entry({ index }: { index: number }) {
  const { shown, error } = useEntry(index);
  useNeighbourKeys(index);
  return (
    <article className="ledger-page entry" aria-labelledby="entry-title" data-testid="entry">
      <Neighbours index={index} />
      <ProblemNote error={error} />
      {shown === null && (
        <h1 id="entry-title" className="soft">
          Entry #{index}
        </h1>
      )}
      {shown !== null && 'fault' in shown && (
        <>
          <h1 id="entry-title">Entry #{index} cannot be read</h1>
          <p role="alert" className="problem">
            {shown.fault}
          </p>
          <VerifyPanel stored={shown.stored} />
        </>
      )}
      {shown !== null && 'leaf' in shown && <Whole shown={shown} />}
    </article>
  );
}

function Whole({ shown }: { shown: ShownEntry }) {
  const names = useNames();
  const { stored, leaf, items, entry } = shown;
  return (
    <>
      <header className="entry-head-line">
        <h1 id="entry-title" data-testid="entry-sentence">
          {entry === null ? kindInWords(leaf.kind) : sentenceOf(entry, names)}
        </h1>
        <p className="soft">
          Entry #{stored.index} · {kindInWords(leaf.kind)}
          {entry === null ? '' : ` · ${dateTime(entry.time)} · by ${names.actor(entry.by)} (${entry.by.role})`}
        </p>
      </header>
      <div className="entry-columns">
        <div className="entry-column">
          <EntryFields leaf={leaf} items={items} names={names} />
        </div>
        <div className="entry-column entry-column-proof">
          <VerifyPanel stored={stored} />
          <EntryTrail index={stored.index} />
          <section className="card-section" aria-label="In the tree">
            <h2>In the tree</h2>
            <dl className="field-list">
              <dt>Leaf</dt>
              <dd>
                <code className="whole">{stored.body}</code>
              </dd>
              <dt>Hash of the leaf, as the server says</dt>
              <dd>
                <code className="whole">{stored.leafHash}</code>
              </dd>
            </dl>
          </section>
        </div>
      </div>
    </>
  );
}

function Neighbours({ index }: { index: number }) {
  return (
    <nav className="neighbours" aria-label="Neighbouring entries">
      {index > 0 && (
        <Link to="/ledger/$index" params={{ index: String(index - 1) }} aria-keyshortcuts="ArrowLeft">
          ← #{index - 1}
        </Link>
      )}
      <Link to="/ledger/$index" params={{ index: String(index + 1) }} aria-keyshortcuts="ArrowRight">
        #{index + 1} →
      </Link>
    </nav>
  );
}

function useNeighbourKeys(index: number): void {
  const navigate = useNavigate();
  const onKey = useEffectEvent((event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey || takesText(event.target)) return;
    const to = event.key === 'ArrowLeft' ? index - 1 : event.key === 'ArrowRight' ? index + 1 : -1;
    if (to >= 0) void navigate({ to: '/ledger/$index', params: { index: String(to) } });
  });
  useEffect(() => {
    const listener = (event: KeyboardEvent) => {
      onKey(event);
    };
    window.addEventListener('keydown', listener);
    return () => {
      window.removeEventListener('keydown', listener);
    };
  }, []);
}
