import { useState, type ReactNode } from 'react';

type Shown = { readonly title: ReactNode; readonly testId: string; readonly onOpen?: () => void; readonly children: ReactNode };

/** Something to open. What is inside is made when it is first opened. */
export function Disclosure({ title, testId, onOpen, children }: Shown) {
  const [wasOpened, setOpened] = useState(false);
  return (
    <details
      className="disclosure"
      data-testid={testId}
      onToggle={(event) => {
        if (!event.currentTarget.open) return;
        setOpened(true);
        onOpen?.();
      }}
    >
      <summary>{title}</summary>
      {wasOpened && <div className="disclosed">{children}</div>}
    </details>
  );
}
