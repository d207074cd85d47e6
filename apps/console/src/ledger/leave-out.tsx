import { kindInWords, KIND_GROUPS } from './kind-words.ts';
import { leavesOut, withKind } from './search-filter.ts';

type LeaveOut = {
  /** The kinds that are left out, with commas between them; empty for none. */
  readonly without: string;
  readonly onWithout: (without: string) => void;
};

/** Kinds to leave out of a search or an export: boxes rather than a list to choose from, so that no key press adds one that nobody meant. */
export function LeaveOut({ without, onWithout }: LeaveOut) {
  const kinds = without === '' ? [] : without.split(',');
  const known = new Set(KIND_GROUPS.flatMap((group) => group.kinds));
  const strangers = { name: 'Others', kinds: kinds.filter((kind) => !known.has(kind)) };
  return (
    <details className="leave-out" data-testid="leave-out">
      <summary data-testid="leave-out-summary">Leave out: {kinds.length === 0 ? 'nothing' : kinds.map(kindInWords).join(', ')}</summary>
      <div className="leave-out-groups">
        <div>
          {[...KIND_GROUPS, ...(strangers.kinds.length === 0 ? [] : [strangers])].map((group) => (
            <fieldset key={group.name}>
              <legend>{group.name}</legend>
              {group.kinds.map((kind) => (
                <label key={kind} className="tick-box">
                  <input
                    type="checkbox"
                    checked={leavesOut({ without }, kind)}
                    data-testid={`without-${kind}`}
                    onChange={(event) => {
                      onWithout(withKind(without, kind, event.currentTarget.checked) ?? '');
                    }}
                  />
                  {kindInWords(kind)}
                </label>
              ))}
            </fieldset>
          ))}
        </div>
      </div>
    </details>
  );
}
