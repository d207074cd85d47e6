import { useState } from 'react';

type ShownOnceProps = { label: string; value: string; testId: string };

/** A secret that the server shows this once: in a field to copy from, with a button that copies it. */
export function ShownOnce({ label, value, testId }: ShownOnceProps) {
  const [copied, setCopied] = useState<string | null>(null);

  function copy() {
    // Not on every page: plain HTTP has no clipboard. The secret stands in a field from which it can be copied by hand.
    if (!('clipboard' in navigator)) setCopied('The browser has no clipboard for this page: copy it from the field.');
    else
      navigator.clipboard.writeText(value).then(
        () => {
          setCopied('Copied.');
        },
        () => {
          setCopied('The browser did not allow it: copy it from the field.');
        },
      );
  }

  return (
    <>
      <input
        ref={focusOn}
        readOnly
        data-testid={testId}
        aria-label={label}
        value={value}
        onFocus={(event) => {
          event.currentTarget.select();
        }}
      />
      <button type="button" className="primary" onClick={copy}>
        Copy {label.toLowerCase()}
      </button>
      <p role="status">{copied}</p>
    </>
  );
}

/** What was focused before is gone with the form; without this, the keyboard would be left outside of the dialog. */
function focusOn(element: HTMLInputElement | null): void {
  element?.focus();
}
