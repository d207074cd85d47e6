import { useState } from 'react';
import { useKeyStanding } from './key-warning.tsx';

/** How to check the log without believing this page, which comes from the server that is to be checked. */
export function OutsideCheck() {
  const { data: standing } = useKeyStanding();
  const key = standing?.key ?? 'VKEY';
  const origin = window.location.origin;
  return (
    <section className="card-section" aria-label="Check it from outside">
      <h2>Check it from outside</h2>
      <p className="soft">
        This page comes from the server that it checks. To believe neither, take the log’s key to another machine, from a person whom you
        trust, and look from there. All formats are public standards: docs/ledger.md.
      </p>
      <CommandLine label="The log’s key" command={key} />
      <CommandLine label="The whole log, on the server’s own machine" command="npx wheelhouse verify" />
      <CommandLine label="An exported bundle, on any machine" command={`npx wheelhouse verify BUNDLE.zip --key '${key}'`} />
      <CommandLine label="The published head, where the public log is switched on" command={`curl ${origin}/log/checkpoint`} />
      <CommandLine
        label="A witness, best of other people’s"
        command={`npx wheelhouse witness --data FOLDER --log '${key}' --host 0.0.0.0 --port 7410`}
      />
    </section>
  );
}

/** A line to copy. */
export function CommandLine({ label, command }: { label: string; command: string }) {
  const [copied, setCopied] = useState<string | null>(null);

  function copy() {
    // Plain HTTP has no clipboard; the line can still be marked and copied by hand.
    if (!('clipboard' in navigator)) setCopied('Mark it and copy it by hand.');
    else
      navigator.clipboard.writeText(command).then(
        () => {
          setCopied('Copied.');
        },
        () => {
          setCopied('The browser did not allow it.');
        },
      );
  }

  return (
    <div className="command">
      <p>
        {label} <span role="status">{copied}</span>
      </p>
      <div>
        <code className="whole">{command}</code>
        <button type="button" aria-label={`Copy: ${label}`} onClick={copy}>
          Copy
        </button>
      </div>
    </div>
  );
}
