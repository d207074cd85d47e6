import { parseCosignerKey } from '@wheelhouse/ledger/cosignature';
import { parseVerifierKey } from '@wheelhouse/ledger/note-key';
import { useRef, useState, type DragEvent } from 'react';
import { ProblemNote } from '../shell/problem-note.tsx';
import { sha256 } from './browser-crypto.ts';
import { BundleReportView } from './bundle-report-view.tsx';
import { useKeyStanding } from './key-warning.tsx';
import { browserMemory } from './log-memory.ts';
import { plural } from './plain-words.ts';
import { useBundleCheck, type BundleCheck } from './use-bundle-check.ts';

/** `/ledger/verify`: verifies a bundle in this browser. The file goes nowhere. */
export function VerifyPage() {
  const { data: standing, refetch } = useKeyStanding();
  const pinned = standing?.key ?? browserMemory.read()?.key ?? null;
  const [pasted, setPasted] = useState('');
  const [witnesses, setWitnesses] = useState('');
  const [source, setSource] = useState<'pinned' | 'pasted'>('pinned');
  const [wrong, setWrong] = useState<string | null>(null);
  const { check, begin, cancel } = useBundleCheck();

  async function take(file: File | undefined) {
    if (file === undefined) return;
    // Dropped before the log's key was read for the first time: without waiting for it, nothing would vouch for the file.
    const known = pinned ?? (await refetch()).data?.key;
    const keys = source === 'pasted' ? [pasted.trim()] : known === undefined ? [] : [known];
    const cosigners = witnesses.split(/\s+/).filter(Boolean);
    const trouble = keyTrouble(keys, cosigners);
    setWrong(trouble);
    if (trouble === null) begin({ file, keys, witnesses: cosigners });
  }

  return (
    <div className="ledger-page">
      <h1>Verify a file</h1>
      <p className="lead">
        Checks an exported bundle (a ZIP) from its first byte to its last, in this browser. <strong>Nothing is uploaded:</strong> the file
        stays on this machine.
      </p>
      <div className="entry-columns">
        <div className="entry-column">
          <section className="card-section form" aria-label="Keys that you trust">
            <fieldset className="choice profiles">
              <legend>Whose signature do you trust?</legend>
              <label className="profile">
                <input
                  type="radio"
                  name="source"
                  checked={source === 'pinned'}
                  onChange={() => {
                    setSource('pinned');
                  }}
                />
                <span>
                  The key of this log, as this browser first saw it
                  <small>
                    <code className="whole">{pinned ?? 'not read yet'}</code>
                  </small>
                </span>
              </label>
              <label className="profile">
                <input
                  type="radio"
                  name="source"
                  checked={source === 'pasted'}
                  data-testid="key-pasted"
                  onChange={() => {
                    setSource('pasted');
                  }}
                />
                <span>A key that somebody whom I trust gave me</span>
              </label>
            </fieldset>
            {source === 'pasted' && (
              <label>
                The log’s key (name+id+base64)
                <input
                  value={pasted}
                  spellCheck={false}
                  autoComplete="off"
                  data-testid="pasted-key"
                  onChange={(event) => {
                    setPasted(event.currentTarget.value);
                  }}
                />
              </label>
            )}
            <details>
              <summary>Witnesses whose keys I have</summary>
              <label>
                Their keys, one a line
                <textarea
                  rows={3}
                  value={witnesses}
                  spellCheck={false}
                  onChange={(event) => {
                    setWitnesses(event.currentTarget.value);
                  }}
                />
              </label>
            </details>
            <ProblemNote error={wrong} />
          </section>
          <DropZone onFile={(file) => void take(file)} isBusy={check.state === 'running'} />
        </div>
        <div className="entry-column">
          <Outcome check={check} onCancel={cancel} />
        </div>
      </div>
    </div>
  );
}

/** What is wrong with keys that were pasted, in words. */
function keyTrouble(keys: readonly string[], witnesses: readonly string[]): string | null {
  for (const key of keys) {
    const parsed = parseVerifierKey(key, sha256);
    if (!parsed.ok) return `That is not the key of a log. ${parsed.message}`;
  }
  for (const key of witnesses) {
    const parsed = parseCosignerKey(key, sha256);
    if (!parsed.ok) return `“${key.slice(0, 40)}” is not the key of a witness. ${parsed.message}`;
  }
  return null;
}

function DropZone({ onFile, isBusy }: { onFile: (file: File | undefined) => void; isBusy: boolean }) {
  const [isOver, setOver] = useState(false);
  const input = useRef<HTMLInputElement>(null);
  const over = (is: boolean) => (event: DragEvent) => {
    event.preventDefault();
    setOver(is);
  };
  return (
    <div
      className={`drop ${isOver ? 'drop-over' : ''}`}
      data-testid="drop"
      onDragOver={over(true)}
      onDragLeave={over(false)}
      onDrop={(event) => {
        over(false)(event);
        onFile(event.dataTransfer.files[0]);
      }}
    >
      <p>Drop a bundle here, or</p>
      <label className="button primary">
        choose a file
        <input
          ref={input}
          type="file"
          accept=".zip,application/zip"
          className="sr-only"
          disabled={isBusy}
          data-testid="bundle-file"
          onChange={() => {
            onFile(input.current?.files?.[0]);
            // The same file, chosen again, is checked again.
            if (input.current !== null) input.current.value = '';
          }}
        />
      </label>
    </div>
  );
}

function Outcome({ check, onCancel }: { check: BundleCheck; onCancel: () => void }) {
  switch (check.state) {
    case 'idle':
      return <p className="soft">What was checked, and what could not be, appears here.</p>;
    case 'running':
      return (
        <section className="card-section" aria-label="Checking">
          <h2>Checking {check.name}</h2>
          <progress
            aria-label="Entries of the log that were passed"
            max={Math.max(check.of, 1)}
            {...(check.of === 0 ? {} : { value: check.done })}
          />
          <p className="number">
            {check.of === 0 ? 'Reading…' : `${check.done.toLocaleString('en')} of ${plural(check.of, 'entry', 'entries')}`}
          </p>
          <button type="button" onClick={onCancel}>
            Cancel
          </button>
        </section>
      );
    case 'done':
      return <BundleReportView name={check.name} report={check.report} approvals={check.approvals} digest={check.digest} />;
    case 'trouble':
      return (
        <p role="alert" className="problem" data-testid="bundle-trouble">
          {check.name}: {check.message}
        </p>
      );
  }
}
