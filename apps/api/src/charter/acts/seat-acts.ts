import { ACROSS_TENANTS } from '@wheelhouse/access/abilities';
import { type Charter, nameOf } from '@wheelhouse/charter/charter';
import { seatAt, type SeatState } from '@wheelhouse/charter/seat-history';
import type { Preview } from '@wheelhouse/protocol/proposed-act';
import { entryOf } from '../../ledger/new-entry.ts';
import { Refusal } from '../../problem/refusal.ts';
import { type ActOf, actPort, type AnyActPort, type ProposedPower } from '../act-port.ts';
import type { CharterCheck } from '../charter-check.ts';
import type { CharterKeeper } from '../charter-keeper.ts';

/** Giving a seat to somebody, and taking one from its holder. */
export function seatActs(
  keeper: CharterKeeper,
  check: CharterCheck,
  nameOfPerson: (id: string) => string,
): (readonly [ProposedPower, AnyActPort])[] {
  return [
    actPort('seat.change', {
      requireProposer: () => undefined,
      tenantOf: () => ACROSS_TENANTS,
      about: ({ seat }) => aboutSeat(seatOf(keeper, seat).state),
      preview: (act) => changePreview(act, seatOf(keeper, act.seat), nameOfPerson),
      authors: () => [],
      execute: async (act, { proposal, by, cause, at, record }) => {
        await check.refuseBroken(act, true);
        const { seat, holder, alternates, term } = act;
        const optional = { ...(holder === null ? {} : { holder }), ...(term === null ? {} : { term }) };
        await record(entryOf('seat.appointed', { proposal, seat, alternates, ...optional }, by, { cause, at }));
      },
    }),
    actPort('seat.recall', {
      requireProposer: () => undefined,
      tenantOf: () => ACROSS_TENANTS,
      about: ({ seat }) => {
        const { state } = seatOf(keeper, seat);
        if (state.holder === null) throw new Refusal('conflict', `Nobody holds ${seat}, so nobody can be recalled from it.`);
        return aboutSeat(state);
      },
      preview: ({ seat }) => recallPreview(seatOf(keeper, seat)),
      authors: () => [],
      execute: async ({ seat }, { proposal, by, cause, at, record }) => {
        await record(entryOf('seat.recalled', { proposal, seat }, by, { cause, at }));
      },
    }),
  ];
}

type Seated = { readonly charter: Charter; readonly state: SeatState };

function seatOf(keeper: CharterKeeper, seat: string): Seated {
  const { inForce, seats } = keeper.record;
  const state = inForce === null ? null : seatAt(inForce.charter, seats.events, seat, keeper.now());
  if (inForce === null || state === null) throw new Refusal('not_found', `The charter in force has no seat ${seat}.`);
  return { charter: inForce.charter, state };
}

function aboutSeat({ id, body, holder, alternates, term, handover }: SeatState) {
  return { id, body, holder, alternates: [...alternates], term, handover };
}

function changePreview(
  { seat, holder, alternates, term }: ActOf<'seat.change'>,
  { charter, state }: Seated,
  named: (id: string) => string,
): Preview {
  const now = state.holder === null ? 'nobody' : nameOf(charter, state.holder);
  const next = holder === null ? 'nobody' : named(holder);
  return {
    title: `Change seat ${seat}: ${now} to ${next}`.slice(0, 300),
    lines: [
      `Alternates: ${state.alternates.map((one) => nameOf(charter, one)).join(', ') || 'none'} become ${alternates.map(named).join(', ') || 'none'}.`.slice(
        0,
        500,
      ),
      term === null ? 'Without an end of term.' : `Term from ${term.from} to ${term.until}.`,
      'Votes on open proposals that were cast for this seat count only if whoever cast them still belongs to it.',
    ],
    sessions: { count: 0, first: [] },
    deployments: { count: 0, first: [] },
  };
}

function recallPreview({ charter, state }: Seated): Preview {
  const holder = state.holder === null ? 'nobody' : nameOf(charter, state.holder);
  return {
    title: `Recall ${holder} from seat ${state.id}`.slice(0, 300),
    lines: [
      `The alternates stand for it at once, in their order: ${state.alternates.map((one) => nameOf(charter, one)).join(', ') || 'there are none'}.`.slice(
        0,
        500,
      ),
      'Votes that the holder cast for this seat on open proposals stop counting.',
    ],
    sessions: { count: 0, first: [] },
    deployments: { count: 0, first: [] },
  };
}
