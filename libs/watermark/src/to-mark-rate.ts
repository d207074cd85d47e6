import { MARK_RATE } from './mark-sequence.ts';

/** Rates that sound can be brought to the mark's from, in Hz: below, the mark's upper band is not in it. */
export const LOWEST_RATE = 8000;
export const HIGHEST_RATE = 192_000;

/** Zero crossings of the kernel to each side, at the lower of the two rates. */
const CROSSINGS = 12;
/** Positions between two samples that kernels are made for. */
const PHASES = 256;

/** The sound at 16 kHz: a windowed sinc, good enough to find the mark by, not to listen to. Throws `RangeError` for rates that are out of bounds. */
export function toMarkRate(sound: Int16Array, rate: number): Int16Array {
  if (!(rate >= LOWEST_RATE && rate <= HIGHEST_RATE)) throw new RangeError(`a rate of ${rate} Hz is not between 8 and 192 kHz`);
  if (rate === MARK_RATE) return sound;
  const narrow = Math.min(1, MARK_RATE / rate);
  const reach = Math.ceil(CROSSINGS / narrow);
  const kernels = Array.from({ length: PHASES }, (_, phase) => kernel(phase / PHASES, reach, narrow));
  return Int16Array.from({ length: Math.floor((sound.length * MARK_RATE) / rate) }, (_, index) => {
    const position = (index * rate) / MARK_RATE;
    const whole = Math.floor(position);
    const weights = kernels[Math.floor((position - whole) * PHASES)] ?? new Float64Array(0);
    let sum = 0;
    for (let tap = 0; tap < weights.length; tap += 1) sum += (weights[tap] ?? 0) * (sound[whole - reach + 1 + tap] ?? 0);
    return Math.max(-32_768, Math.min(32_767, Math.round(sum)));
  });
}

/** Weights of the samples around a position `part` of a sample after the one in the middle (Hann window). */
function kernel(part: number, reach: number, narrow: number): Float64Array {
  return Float64Array.from({ length: 2 * reach }, (_, tap) => {
    const distance = tap - reach + 1 - part;
    const turn = Math.PI * distance * narrow;
    const sinc = turn === 0 ? 1 : Math.sin(turn) / turn;
    return narrow * sinc * (0.5 + 0.5 * Math.cos((Math.PI * distance) / (reach + 1)));
  });
}
