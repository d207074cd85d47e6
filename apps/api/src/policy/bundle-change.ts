import { filesOfBundle } from '@wheelhouse/policy/bundle-files';
import type { PolicyBundle } from '@wheelhouse/protocol/policy';
import type { FileChange } from '@wheelhouse/protocol/policy-view';
import { type DiffLine, lineDiff } from '@wheelhouse/reports/line-diff';

/** Lines around a change that are shown with it, and lines of one file that are shown at most. */
const AROUND = 2;
const MOST_LINES = 300;

/** What changed between two bundles, file by file; of the first bundle everything is new. */
export function bundleChange(before: PolicyBundle | null, after: PolicyBundle): FileChange[] {
  const old = before === null ? new Map<string, string>() : filesOfBundle(before);
  const next = filesOfBundle(after);
  const files = [...new Set([...old.keys(), ...next.keys()])].sort();
  return files.flatMap((file) => {
    const [was, is] = [old.get(file), next.get(file)];
    if (was === is) return [];
    const lines = lineDiff(was ?? '', is ?? '');
    const shown = nearChanges(lines);
    return [
      {
        file,
        change: was === undefined ? 'added' : is === undefined ? 'removed' : 'changed',
        added: lines.filter(({ mark }) => mark === '+').length,
        removed: lines.filter(({ mark }) => mark === '-').length,
        lines: shown.slice(0, MOST_LINES),
        leftOut: Math.max(0, shown.length - MOST_LINES),
      },
    ];
  });
}

/** Without what is the same on both sides, but for the lines next to a change; `…` stands for what was left out. */
function nearChanges(lines: readonly DiffLine[]): FileChange['lines'] {
  const near = lines.map((_, i) => lines.slice(Math.max(0, i - AROUND), i + AROUND + 1).some(({ mark }) => mark !== ' '));
  return lines.flatMap((line, i): FileChange['lines'] => {
    if (near[i] === true) return [line];
    return i > 0 && near[i - 1] === true && i < lines.length - 1 ? [{ mark: '…', text: '' }] : [];
  });
}
