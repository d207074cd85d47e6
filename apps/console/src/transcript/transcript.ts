import type { TranscriptLine } from '@wheelhouse/protocol/session';

/** A line as it is read. What was said arrives in pieces and grows; what was heard is replaced while it is still being understood. */
export type SpokenLine = Pick<TranscriptLine, 'who' | 'utterance' | 'text' | 'final' | 'left'> & { readonly key: number };

/** Lines kept on the page; a session may last for hours. */
const KEPT = 400;

export function withLine(lines: readonly SpokenLine[], line: Omit<SpokenLine, 'key'>): readonly SpokenLine[] {
  return withAnyLine(lines, line).slice(-KEPT);
}

/** As `withLine`, with no end to how many are kept. */
export function withAnyLine(lines: readonly SpokenLine[], line: Omit<SpokenLine, 'key'>): readonly SpokenLine[] {
  if (line.who === 'heard') {
    const at = lines.findLastIndex((known) => known.who === 'heard' && known.utterance === line.utterance);
    const known = lines[at];
    if (known !== undefined) return lines.with(at, { ...line, key: known.key });
  }
  const last = lines.at(-1);
  if (line.who === 'said' && last !== undefined && continues(last, line)) {
    return lines.with(-1, { ...line, key: last.key, text: joined(last.text, line.text) });
  }
  if (line.text.trim() === '') return lines;
  return [...lines, { ...line, key: (last?.key ?? 0) + 1 }];
}

/** Words that the gate withheld never share a line with words that left. */
function continues(last: SpokenLine, line: Omit<SpokenLine, 'key'>): boolean {
  return last.who === 'said' && !last.final && last.left === line.left && last.utterance === line.utterance;
}

function joined(before: string, after: string): string {
  return before === '' || after === '' || /\s$/.test(before) || /^[\s.,;:!?]/.test(after) ? before + after : `${before} ${after}`;
}
