import type { CharterView, GlassState, GlassView } from '@wheelhouse/protocol/charter-view';
import { EmergencyAct } from '@wheelhouse/protocol/proposed-act';
import type { Latch } from '@wheelhouse/protocol/order';

export const GLASS_WORDS: Readonly<Record<GlassState, string>> = {
  asked: 'Asked for',
  broken: 'In force',
  ended: 'To be reviewed',
  reviewed: 'Reviewed',
  lapsed: 'Lapsed, signed by too few',
};

/** What breaking the glass could do about a latch: a level is raised, everything else released. */
export function emergencyOf(latch: Pick<Latch, 'order' | 'kind'>): EmergencyAct {
  return { power: latch.kind === 'level' ? 'level.raise' : 'latch.release', latch: latch.order };
}

/** A power with a break glass, and the seats that the reader speaks for in it now. */
export type Breakable = {
  readonly power: EmergencyAct['power'];
  readonly people: number;
  readonly timeBoxMs: number;
  readonly seats: readonly string[];
};

/** Every power whose glass the charter lets somebody break, with the reader's own seats in it. */
export function breakables({ powers, seats }: Pick<CharterView, 'powers' | 'seats'>, person: string): Breakable[] {
  const own = new Set(seats.filter(({ represented }) => represented === person).map(({ id }) => id));
  return powers.flatMap(({ power, breakGlass }) => {
    const known = EmergencyAct.options.map(({ shape }) => shape.power.value).find((name) => name === power);
    if (known === undefined || breakGlass === null) return [];
    const { people, timeBoxMs } = breakGlass;
    return [{ power: known, people, timeBoxMs, seats: breakGlass.seats.filter((seat) => own.has(seat)) }];
  });
}

/** Whether a glass still asks something of somebody: a signature, patience, or a review. */
export function isPending({ state }: GlassView): boolean {
  return state === 'asked' || state === 'broken' || state === 'ended';
}
