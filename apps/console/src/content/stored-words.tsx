import { useQuery } from '@tanstack/react-query';
import type { StoredLine } from '@wheelhouse/protocol/content';
import { useMemo, useState } from 'react';
import { ProblemNote } from '../shell/problem-note.tsx';
import { withAnyLine, type SpokenLine } from '../transcript/transcript.ts';
import { storedTranscriptQuery } from './content-queries.ts';

const NONE: readonly StoredLine[] = [];

/** The stored words of a session, fetched when somebody asks for them. */
export function StoredWords({ session }: { session: string }) {
  const [isOpen, setOpen] = useState(false);
  const { data, error, isFetching } = useQuery({ ...storedTranscriptQuery(session), enabled: isOpen });
  const stored = data?.lines ?? NONE;
  const lines = useMemo(() => spoken(stored), [stored]);
  return (
    <div className="stored-words">
      {data === undefined && (
        <button
          type="button"
          data-testid="read-transcript"
          disabled={isFetching}
          onClick={() => {
            setOpen(true);
          }}
        >
          Read the stored words
        </button>
      )}
      <ProblemNote error={error} />
      {data !== undefined && (
        <ol className="transcript" aria-label="Stored words" data-testid="stored-transcript" tabIndex={0}>
          {lines.map((line) => (
            <li key={line.key} className={`line line-${line.who} ${line.left ? '' : 'line-withheld'}`}>
              <span className="line-who">{line.who === 'heard' ? 'Heard' : 'Said'}</span>
              <span>
                {line.text}
                {!line.left && <em> withheld</em>}
              </span>
            </li>
          ))}
        </ol>
      )}
    </div>
  );
}

/** What was said is stored in the pieces in which it left; read, it is sentences. */
function spoken(lines: readonly StoredLine[]): readonly SpokenLine[] {
  return lines.reduce<readonly SpokenLine[]>(
    (read, { who, utterance, text, left }) => withAnyLine(read, { who, utterance, text, left, final: who === 'heard' }),
    [],
  );
}
