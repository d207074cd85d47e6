/** The smallest of the sorted values that at least `part` (0 to 1) of them do not exceed (nearest rank); null of none. */
export function percentile(sorted: readonly number[], part: number): number | null {
  const rank = Math.max(1, Math.ceil(part * sorted.length));
  return sorted[rank - 1] ?? null;
}
