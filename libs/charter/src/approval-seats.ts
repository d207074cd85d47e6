import type { ApprovalBench, Placed } from './approval-bench.ts';
import { checkSigned } from './approval-keys.ts';
import { handoverChallenge } from './ballot.ts';
import { type CharterEntry, msOf, timeOf } from './charter-kinds.ts';
import { decideSeat, type SeatAct } from './decide-seat.ts';
import { isRefusal } from './refusal.ts';
import { seatAt } from './seat-history.ts';

/** What people do with their own seats and their own time; all but the quorum's appointments and recalls. */
export type SeatEntry = Extract<
  CharterEntry,
  {
    kind:
      | 'seat.left'
      | 'handover.announced'
      | 'handover.accepted'
      | 'handover.cancelled'
      | 'absence.declared'
      | 'absence.ended'
      | 'delegation.given'
      | 'delegation.ended'
      | 'training.recorded';
  }
>;

/** An act on a seat: in person, for oneself, and as the charter allows it. */
export function checkSeatAct(bench: ApprovalBench, { index, entry }: Placed<SeatEntry>): void {
  const { book, record, blind, sha256 } = bench;
  const name = `Entry ${index} (${entry.kind})`;
  const trouble = personTrouble(bench, entry);
  if (trouble !== null) book.fault('not_in_person', index, `${name}: ${trouble}.`);
  if (entry.kind === 'handover.accepted') {
    const { seat, to, effectiveAt, signed } = entry.data;
    const challenge = handoverChallenge({ seat, to, effectiveAt }, sha256);
    const signature = { what: 'the acceptance of a handover', check: 'handovers', code: 'handover_signature' } as const;
    checkSigned(bench, { index, person: entry.by.id, signed, challenge, ...signature, onForged: () => undefined });
  }
  const act = seatActOf(entry);
  if (act === null) return;
  if (blind !== null) {
    book.unsure('seats', 'before');
    return;
  }
  book.checked('seats');
  const charter = record.inForce?.charter;
  // The server decides in turns, and a turn may come after what others did meanwhile.
  const at = Math.max(timeOf(entry), record.latest);
  const { events } = record.seats;
  const decided = charter === undefined ? null : decideSeat(charter, events, { seat: act.seat, at, act: act.act });
  if (charter === undefined) book.fault('seat_act_refused', index, `${name}: there was no charter, and so no seat.`);
  else if (decided !== null && isRefusal(decided)) book.fault('seat_act_refused', index, `${name}: ${decided.message}`);
  else if (
    entry.kind === 'handover.accepted' &&
    seatAt(charter, events, act.seat, at)?.handover?.effectiveAt !== msOf(entry.data.effectiveAt)
  )
    book.fault('seat_act_refused', index, `${name}: the handover was announced for another time.`);
}

/** Why an act is not somebody's own, in words; null where it is. */
function personTrouble({ record, blind }: ApprovalBench, { kind, by, data }: SeatEntry): string | null {
  if (by.kind !== 'person') return `it was done by a ${by.kind}`;
  const whole = blind === null;
  switch (kind) {
    case 'seat.left':
    case 'absence.declared':
      return data.person === by.id ? null : `${by.id} did it for ${data.person}`;
    case 'handover.accepted':
      return data.to === by.id ? null : `${by.id} accepted it for ${data.to}`;
    case 'training.recorded':
      if (data.power !== undefined && data.body !== undefined) return 'a training is for a power or for a body, and this one is for both';
      return data.person === by.id ? 'nobody records their own training' : null;
    case 'absence.ended': {
      const found = record.seats.absences.find(({ id }) => id === data.absence);
      return found?.person === by.id || (found === undefined && !whole) ? null : `${by.id} declared no such absence`;
    }
    case 'delegation.ended': {
      const found = record.seats.delegations.find(({ id }) => id === data.delegation);
      return found?.from === by.id || (found === undefined && !whole) ? null : `${by.id} gave no such delegation`;
    }
    case 'handover.announced':
    case 'handover.cancelled':
    case 'delegation.given':
      return null;
  }
}

function seatActOf({ kind, by, data }: SeatEntry): { readonly seat: string; readonly act: SeatAct } | null {
  switch (kind) {
    case 'seat.left':
      return { seat: data.seat, act: { type: 'step_down', by: by.id } };
    case 'handover.announced':
      return { seat: data.seat, act: { type: 'announce_handover', by: by.id, to: data.to, effectiveAt: msOf(data.effectiveAt) } };
    case 'handover.accepted':
      return { seat: data.seat, act: { type: 'accept_handover', by: by.id } };
    case 'handover.cancelled':
      return { seat: data.seat, act: { type: 'cancel_handover', by: by.id } };
    case 'absence.declared':
    case 'absence.ended':
    case 'delegation.given':
    case 'delegation.ended':
    case 'training.recorded':
      return null;
  }
}
