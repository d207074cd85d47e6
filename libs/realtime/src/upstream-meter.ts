/** How much an upstream may still send: a bucket of events and of characters that each tick fills up again. */
export type Meter = { readonly events: number; readonly characters: number };

/** Each tick brings as much as 1,000 events and about 20 s of sound a second; ten seconds of it may come at once. */
const EVENTS_PER_TICK = 200;
const CHARACTERS_PER_TICK = 260_000;
const TICKS_AT_ONCE = 50;

export const fullMeter: Meter = { events: EVENTS_PER_TICK * TICKS_AT_ONCE, characters: CHARACTERS_PER_TICK * TICKS_AT_ONCE };

export function refillMeter({ events, characters }: Meter): Meter {
  return {
    events: Math.min(fullMeter.events, events + EVENTS_PER_TICK),
    characters: Math.min(fullMeter.characters, characters + CHARACTERS_PER_TICK),
  };
}

/** One message of so many characters. Below zero, it is a flood. */
export function spend(meter: Meter, characters: number): Meter {
  return { events: meter.events - 1, characters: meter.characters - characters };
}

export const isFlood = ({ events, characters }: Meter): boolean => events < 0 || characters < 0;
