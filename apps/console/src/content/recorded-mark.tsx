import type { Recordable } from '@wheelhouse/protocol/content';
import { recordedInWords } from './content-words.ts';

/** That a session is recorded, wherever it is named. */
export function RecordedMark({ recorded }: { recorded: readonly Recordable[] }) {
  return (
    <span className="recorded" data-testid="recorded" title={`Recorded: ${recordedInWords(recorded)}`}>
      recorded
    </span>
  );
}
