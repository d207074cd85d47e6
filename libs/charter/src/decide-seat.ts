import type { Charter } from './charter.ts';
import { nameOf } from './charter.ts';
import { durationInWords } from './duration.ts';
import { instantText } from './instant.ts';
import type { Refusal } from './refusal.ts';
import { incumbentsAt, seatAt, type SeatEvent, type SeatState } from './seat-history.ts';

/** What people do with their own seats. Nothing here takes a quorum: a seat passes only to somebody whom the charter names for it already. */
export type SeatAct =
  | { readonly type: 'announce_handover'; readonly by: string; readonly to: string; readonly effectiveAt: number }
  | { readonly type: 'accept_handover'; readonly by: string }
  | { readonly type: 'cancel_handover'; readonly by: string }
  | { readonly type: 'step_down'; readonly by: string };

/** Decides an act on `seat` at `at` (milliseconds since 1970), given all that happened to the charter's seats so far. */
export function decideSeat(
  charter: Charter,
  events: readonly SeatEvent[],
  { seat, at, act }: { readonly seat: string; readonly at: number; readonly act: SeatAct },
): readonly SeatEvent[] | Refusal {
  const state = seatAt(charter, events, seat, at);
  if (state === null) return { refused: 'not_found', message: `The charter has no seat ${seat}.` };
  switch (act.type) {
    case 'announce_handover':
      return decideAnnounce(charter, state, act, at);
    case 'accept_handover': {
      if (state.handover === null) return { refused: 'conflict', message: `No handover of ${seat} is waiting.` };
      if (state.handover.to !== act.by)
        return { refused: 'forbidden', message: `Only ${nameOf(charter, state.handover.to)} can accept it.` };
      if (state.handover.accepted) return { refused: 'conflict', message: 'It is accepted already.' };
      return [{ type: 'handover_accepted', seat, to: act.by, at }];
    }
    case 'cancel_handover': {
      if (state.handover === null) return { refused: 'conflict', message: `No handover of ${seat} is waiting.` };
      if (act.by !== state.holder && act.by !== state.handover.to)
        return { refused: 'forbidden', message: 'Only the holder and the successor can call a handover off.' };
      return [{ type: 'handover_cancelled', seat, at }];
    }
    case 'step_down': {
      if (act.by !== state.holder && act.by !== state.outgoing?.person && !state.alternates.includes(act.by))
        return { refused: 'forbidden', message: `${nameOf(charter, act.by)} neither holds ${seat} nor is an alternate for it.` };
      return [{ type: 'stepped_down', seat, person: act.by, at }];
    }
  }
}

function decideAnnounce(
  charter: Charter,
  state: SeatState,
  act: Extract<SeatAct, { type: 'announce_handover' }>,
  at: number,
): readonly SeatEvent[] | Refusal {
  const { holder, alternates } = incumbentsAt(state, at);
  if (holder !== act.by) return { refused: 'forbidden', message: `Only the holder of ${state.id}, in their term, can hand it over.` };
  if (state.handover !== null) return { refused: 'conflict', message: 'A handover of this seat is waiting already; call it off first.' };
  if (!alternates.includes(act.to))
    return { refused: 'forbidden', message: `${nameOf(charter, act.to)} is no alternate for ${state.id}; anyone else takes seat.change.` };
  const earliest = at + charter.handover.noticeMs;
  if (act.effectiveAt < earliest)
    return {
      refused: 'conflict',
      message: `A handover takes notice of ${durationInWords(charter.handover.noticeMs)}: not before ${instantText(earliest)}.`,
    };
  if (state.term !== null && act.effectiveAt >= state.term.until)
    return { refused: 'conflict', message: `The term of ${state.id} ends before that, on ${instantText(state.term.until)}.` };
  return [{ type: 'handover_announced', seat: state.id, from: act.by, to: act.to, effectiveAt: act.effectiveAt, at }];
}
