import type { ReactNode } from 'react';
import { momentInWords } from './public-words.ts';

type SectionProps = { id: string; title: string; note?: string; children: ReactNode };

/** A part of the page: its heading in the margin, what it says beside it. */
export function Section({ id, title, note, children }: SectionProps) {
  return (
    <section className="public-section" id={id} aria-labelledby={`${id}-head`} data-testid={id}>
      <header>
        <h2 id={`${id}-head`}>{title}</h2>
        {note !== undefined && <p className="soft">{note}</p>}
      </header>
      <div className="public-body">{children}</div>
    </section>
  );
}

/** Figures in a row: a number, and what it counts. */
export function Figures({ children }: { children: ReactNode }) {
  return <dl className="public-figures">{children}</dl>;
}

export function Figure({ value, name, testId }: { value: string; name: string; testId: string }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd data-testid={testId}>{value}</dd>
    </div>
  );
}

/** A moment, whole and in UTC: for readers anywhere, and for paper. */
export function Moment({ iso }: { iso: string }) {
  return <time dateTime={iso}>{momentInWords(iso)}</time>;
}
