import type { Transparency } from '@wheelhouse/protocol/transparency';
import { useState } from 'react';
import { StepList } from '../ledger/step-list.tsx';
import { verdictOf, type Verdict } from '../ledger/verify-step.ts';
import { inWords } from '../rest/call.ts';
import { allSteps, checkPage, type CheckedCharter, type PageCheck } from './check-page.ts';
import { browserPageMemory, type PageRemembered } from './page-memory.ts';
import { momentInWords } from './public-words.ts';
import { publicTiles } from './published-tiles.ts';

type Progress =
  | { readonly state: 'idle' | 'running' }
  | { readonly state: 'done'; readonly check: PageCheck }
  | { readonly state: 'failed'; readonly trouble: string };

/** Checks the page as it is shown, in this browser: the server is believed in nothing. */
export function CheckPanel({ page, loadedAt }: { page: Transparency; loadedAt: number }) {
  const [progress, setProgress] = useState<Progress>({ state: 'idle' });
  const [known, setKnown] = useState(() => browserPageMemory.read());

  async function check() {
    setProgress({ state: 'running' });
    try {
      const sources = { memory: browserPageMemory, fetchTile: publicTiles, loadedAt, now: () => Date.now() };
      setProgress({ state: 'done', check: await checkPage(page, sources) });
    } catch (error) {
      setProgress({ state: 'failed', trouble: inWords(error) });
    }
    setKnown(browserPageMemory.read());
  }

  function forget() {
    browserPageMemory.forget();
    setKnown(null);
    setProgress({ state: 'idle' });
  }

  const { state } = progress;
  return (
    <section className="public-check" aria-labelledby="check-head" data-testid="check">
      <header>
        <h2 id="check-head">Check this page</h2>
        <button type="button" className="primary" data-testid="check-page" disabled={state === 'running'} onClick={() => void check()}>
          {state === 'idle' ? 'Check it now' : state === 'running' ? 'Checking…' : 'Check again'}
        </button>
      </header>
      <KeyChanged known={known} shown={page.key} />
      {state === 'idle' && (
        <p>
          Your browser does it itself, and believes nobody: that each charter below is the one that was put in force, letter by letter; that
          it is an entry of the log; and that the log’s head is signed. It also remembers the key and the head that it saw, and tells you
          the next time if the key is another or the log has shrunk.
        </p>
      )}
      <div role="status">
        {progress.state === 'done' && <VerdictLine check={progress.check} />}
        {progress.state === 'failed' && <p className="verdict verdict-failed">{`The check broke off. ${progress.trouble}`}</p>}
      </div>
      {progress.state === 'done' && <Checked check={progress.check} />}
      <p className="soft">
        It proves the charters and, of the one in force, the powers. Who holds a seat now, the figures and the notices are what this server
        says: they follow from the record, of which whoever is entitled to it can have a bundle and verify it.
      </p>
      {known !== null && <Remembered known={known} onForget={forget} />}
    </section>
  );
}

function KeyChanged({ known, shown }: { known: PageRemembered | null; shown: string }) {
  if (known === null || known.key === shown) return null;
  return (
    <div role="alert" className="verdict verdict-failed" data-testid="key-changed">
      <p>
        <strong>The log’s key is not the one that this browser knows.</strong> It was another on {momentInWords(known.since)}. Either the
        installation was set up anew, or you are shown another log. Believe nothing here until somebody whom you trust has told you why.
      </p>
    </div>
  );
}

const VERDICT_WORDS: Readonly<Record<Verdict, string>> = {
  verified: 'Checked, and it holds.',
  failed: 'This page does not hold.',
  partial: 'Not everything could be checked.',
};

function VerdictLine({ check }: { check: PageCheck }) {
  const verdict = verdictOf(allSteps(check));
  const charter = check.charters.find(({ steps }) => verdictOf(steps) === 'failed');
  const wrong = [...check.log, ...(charter?.steps ?? [])].filter(({ outcome }) => outcome === 'bad')[0];
  const where = check.log.some(({ outcome }) => outcome === 'bad') || charter === undefined ? '' : `Version ${charter.charter.version}: `;
  return (
    <p className={`verdict verdict-${verdict}`} data-testid="check-verdict" data-verdict={verdict}>
      <strong>{VERDICT_WORDS[verdict]}</strong>
      {wrong !== undefined && ` ${where}${wrong.result}`}
      {verdict === 'verified' && check.charters.length === 0 && ' There is no charter yet; the log’s head is signed by its key.'}
    </p>
  );
}

function Checked({ check }: { check: PageCheck }) {
  return (
    <>
      <h3>The log</h3>
      <StepList steps={check.log} />
      {check.charters.map((one, i) => (
        <CharterSteps key={one.charter.stored.index} checked={one} isNewest={i === 0} />
      ))}
    </>
  );
}

const IN_SHORT: Readonly<Record<Verdict, string>> = { verified: 'holds', failed: 'fails', partial: 'not all checked' };

function CharterSteps({ checked: { charter, steps }, isNewest }: { checked: CheckedCharter; isNewest: boolean }) {
  const verdict = verdictOf(steps);
  return (
    <details open={isNewest || verdict !== 'verified'} data-testid={`check-version-${charter.version}`} data-verdict={verdict}>
      <summary>
        Charter, version {charter.version}: <span className={`public-${verdict}`}>{IN_SHORT[verdict]}</span>
      </summary>
      <StepList steps={steps} />
    </details>
  );
}

function Remembered({ known: { since, head, charters, key }, onForget }: { known: PageRemembered; onForget: () => void }) {
  return (
    <details className="public-memory" data-testid="remembered">
      <summary>What this browser remembers</summary>
      <p>
        The key <code className="public-digest">{key}</code> since {momentInWords(since)}
        {head !== null && `, a head of ${head.size} entries on ${momentInWords(head.at)}`}
        {charters.length > 0 && `, and ${charters.length === 1 ? 'one charter' : `${charters.length} charters`}`}.
      </p>
      <button type="button" data-testid="forget" onClick={onForget}>
        Forget it
      </button>
    </details>
  );
}
