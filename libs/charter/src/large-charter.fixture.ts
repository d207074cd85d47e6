import { BREAKABLE_POWERS, type CharterFile, POWERS, type PowerId } from '@wheelhouse/protocol/charter';

export type LargeShape = {
  readonly people: number;
  readonly bodies: number;
  /** Every person's own choice of alternates, lines and terms, so that no two are interchangeable. */
  readonly tangled: boolean;
  readonly votes: (power: PowerId, i: number) => number;
};

/** A charter of many people with all fifteen powers: one seat a person, in bodies in turn. */
export function largeCharter({ people, bodies, tangled, votes }: LargeShape): CharterFile {
  const ids = Array.from({ length: people }, (_, i) => `p${i}`);
  const bodyIds = Array.from({ length: bodies }, (_, i) => `b${i}`);
  const at = (i: number) => ids[i % people] ?? 'p0';
  const seats = ids.map((holder, i) => ({
    body: bodyIds[i % bodies] ?? 'b0',
    holder,
    alternates: [...new Set(tangled ? [at(i * 7 + 3), at(i * i + 5)] : [])].filter((person) => person !== holder),
    ...(tangled ? { term: { from: `20${20 + (i % 9)}-01-01`, until: `20${23 + (i % 9) + (i % 4)}-06-01` } } : {}),
  }));
  const powers = POWERS.map((id, i) => {
    const count = votes(id, i);
    return [
      id,
      {
        quorum: { votes: count, bodies: Math.min(count, 1 + (i % bodies)), from: bodyIds },
        exclude: tangled ? (['reporting_line'] as const) : [],
        veto: { bodies: [], seats: [] },
        notice: '1h',
        voteWithin: '3d',
        executeWithin: '1d',
        stepUp: true,
        training: false,
      },
    ] as const;
  });
  const glass = BREAKABLE_POWERS.map(
    (id, i) =>
      [id, { seats: ['s0', 's1', `s${2 + i}`], people: 2, timeBox: '1h', reviewWithin: '3d', overdueCeiling: 1 as const }] as const,
  );
  return {
    version: 1,
    people: Object.fromEntries(ids.map((id, i) => [id, tangled && i > 0 ? { manager: at(Math.floor((i - 1) / 3)) } : {}])),
    bodies: Object.fromEntries(bodyIds.map((id) => [id, {}])),
    seats: Object.fromEntries(seats.map((seat, i) => [`s${i}`, seat])),
    powers: Object.fromEntries(powers.map(([id, rule]) => [id, { ...rule, exclude: [...rule.exclude] }])),
    alternates: { onAbsence: true },
    delegation: { allowed: tangled },
    handover: { notice: '7d', overlap: '2d' },
    breakGlass: tangled ? {} : Object.fromEntries(glass.map(([id, rule]) => [id, { ...rule, seats: [...rule.seats] }])),
  };
}
