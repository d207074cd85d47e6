import { useEffect, useRef } from 'react';
import type { Cell } from '../live/cell.ts';
import { useCell } from '../live/use-cell.ts';
import type { SpokenLine } from './transcript.ts';

const WHO: Readonly<Record<SpokenLine['who'], string>> = { heard: 'Heard', said: 'Said', gate: 'Gate' };
/** So near the end that the reader is following. */
const NEAR_END_PX = 60;

/** Lines as they happen. Follows the end, unless the reader scrolled back. */
export function TranscriptView({ lines: cell, empty }: { lines: Cell<readonly SpokenLine[]>; empty: string }) {
  const lines = useCell(cell);
  const list = useRef<HTMLOListElement>(null);
  const isFollowing = useRef(true);
  useEffect(() => {
    const element = list.current;
    if (element !== null && isFollowing.current) element.scrollTop = element.scrollHeight;
  }, [lines]);
  return (
    <ol
      ref={list}
      className="transcript"
      role="log"
      aria-label="Transcript"
      data-testid="transcript"
      tabIndex={0}
      onScroll={({ currentTarget }) => {
        isFollowing.current = currentTarget.scrollHeight - currentTarget.scrollTop - currentTarget.clientHeight < NEAR_END_PX;
      }}
    >
      {lines.length === 0 && <li className="soft">{empty}</li>}
      {lines.map((line) => (
        <li key={line.key} className={`line line-${line.who} ${line.final ? '' : 'line-partial'} ${line.left ? '' : 'line-withheld'}`}>
          <span className="line-who">{WHO[line.who]}</span>
          <span>
            {line.text}
            {!line.left && <em> withheld</em>}
          </span>
        </li>
      ))}
    </ol>
  );
}
