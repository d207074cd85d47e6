import { RULES_BEFORE_A_CHARTER } from '@wheelhouse/protocol/charter';
import { MODEL_CHECKPOINTS } from '@wheelhouse/protocol/policy';
import type { ApprovalBench, PlacedOf } from './approval-bench.ts';

/** A desk that let something pass just before the charter was adopted may have written that just after it. */
const CROSSING_MS = 5000;

/** Somebody asked: remembers what takes a power of the charter, and finds what policy alone let pass under one. */
export function checkAsked(bench: ApprovalBench, { index, entry }: PlacedOf<'action.asked'>): void {
  const { action, what, tool: name, digest, outcome } = entry.data;
  const power = MODEL_CHECKPOINTS.find((checkpoint) => checkpoint === what);
  if (power === undefined) return;
  if (!bench.actions.has(action)) bench.actions.set(action, { power, name, digest });
  if (outcome === 'allowed') checkAlone(bench, { index, entry });
}

/** Decided without an approval: a tool call is one human's to decide, a fine-tune or a promotion only before there is a charter. */
export function checkDecided(bench: ApprovalBench, { index, entry }: PlacedOf<'action.decided'>): void {
  const { action, outcome } = entry.data;
  const permits = outcome === 'approved' || outcome === 'edited';
  if (permits && bench.actions.has(action)) checkAlone(bench, { index, entry });
}

function checkAlone({ record, book, blind, latest }: ApprovalBench, { index, entry }: PlacedOf<'action.asked' | 'action.decided'>): void {
  const { inForce } = record;
  if (inForce === null) {
    // A charter may have been adopted where nothing is shown.
    if (blind !== null) book.unsure('effects', 'before');
    return;
  }
  book.checked('effects');
  const message = `Entry ${index} (${entry.kind}) was let pass without votes, though the charter ${inForce.name} was in force since entry ${inForce.entry}.`;
  const crossed = entry.charter === RULES_BEFORE_A_CHARTER && latest <= inForce.adoptedAt + CROSSING_MS;
  if (crossed) book.note('two_people_under_charter', index, `${message} It was under way when the charter was adopted.`);
  else book.fault('effect_without_quorum', index, message);
}
