import { useState } from 'react';

/** Copies a text; says so, or why the browser would not. */
export function CopyButton({ text, label }: { text: string; label: string }) {
  const [said, setSaid] = useState<string | null>(null);

  function copy() {
    // Plain HTTP has no clipboard. The text stands beside the button and can be selected.
    if (!('clipboard' in navigator)) setSaid('The browser has no clipboard for this page: select the text.');
    else
      navigator.clipboard.writeText(text).then(
        () => {
          setSaid('Copied.');
        },
        () => {
          setSaid('The browser did not allow it: select the text.');
        },
      );
  }

  return (
    <span className="copy">
      <span role="status" className="soft">
        {said}
      </span>
      <button type="button" aria-label={`Copy ${label}`} data-testid={`copy-${label}`} onClick={copy}>
        Copy
      </button>
    </span>
  );
}
