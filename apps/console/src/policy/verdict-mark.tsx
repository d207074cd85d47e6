import type { Verdict } from '@wheelhouse/protocol/policy';

/** A verdict, in its word; the colour only helps to find it. */
export function VerdictMark({ verdict }: { verdict: Verdict }) {
  return <span className={`verdict-mark verdict-${verdict}`}>{verdict}</span>;
}
