import { Fft } from './fft.ts';

/** Sample rate that the mark is made at, in Hz: that of all sound in a session. */
export const MARK_RATE = 16_000;
/** Samples after which the mark begins again: 2.048 s. */
export const MARK_PERIOD = 32_768;
const LOWEST = 500;
const HIGHEST = 3400;
/** The mark's bands, each from and to a frequency in Hz. What a telephone carries (300 to 3400 Hz) holds them all. */
export const MARK_BANDS = [
  [LOWEST, 1000],
  [1000, 1900],
  [1900, HIGHEST],
] as const;

/** HMAC-SHA-256 (RFC 2104): 32 bytes. */
export type Hmac = (key: Uint8Array, message: string) => Uint8Array;

/** What a mark is made from and found by. */
export type MarkKey = { readonly key: Uint8Array; readonly hmac: Hmac };

/** The mark of one key over one period. Read by every marker of a thread, changed by none. */
export type MarkSequence = {
  /** For each band, noise of unit power. */
  readonly noise: readonly Float32Array[];
};

/** The mark's spectrum over one period: magnitude one in the mark's bands, zero elsewhere. */
export type MarkSpectrum = { readonly real: Float64Array; readonly imaginary: Float64Array };

const LABEL = 'wheelhouse: watermark 1';
const BYTES_A_PHASE = 2;

/** First line of the period's spectrum at or above a frequency in Hz. */
function lineAt(hz: number): number {
  return Math.ceil((hz * MARK_PERIOD) / MARK_RATE);
}

/** A phase for each spectral line in the bands, from the key alone: whoever does not know the key can't tell the mark from noise. */
export function markSpectrum({ key, hmac }: MarkKey): MarkSpectrum {
  const real = new Float64Array(MARK_PERIOD);
  const imaginary = new Float64Array(MARK_PERIOD);
  const first = lineAt(LOWEST);
  let block = new Uint8Array(0);
  for (let line = first; line < lineAt(HIGHEST); line += 1) {
    const at = ((line - first) * BYTES_A_PHASE) % 32;
    if (at === 0) block = Uint8Array.from(hmac(key, `${LABEL} ${(line - first) >> 4}`));
    const phase = (2 * Math.PI * ((block[at] ?? 0) * 256 + (block[at + 1] ?? 0))) / 65_536;
    real[line] = Math.cos(phase);
    imaginary[line] = Math.sin(phase);
    real[MARK_PERIOD - line] = Math.cos(phase);
    imaginary[MARK_PERIOD - line] = -Math.sin(phase);
  }
  return { real, imaginary };
}

/** The mark of a key. Takes some tens of milliseconds and 400 kB: made once for all sessions of a thread. */
export function markSequence(key: MarkKey): MarkSequence {
  const spectrum = markSpectrum(key);
  const fft = new Fft(MARK_PERIOD);
  const noise = MARK_BANDS.map(([low, high]) => {
    const [from, to] = [lineAt(low), lineAt(high)];
    const real = inBand(spectrum.real, from, to);
    const imaginary = inBand(spectrum.imaginary, from, to);
    fft.inverse(real, imaginary);
    // Parseval: 2 * lines of magnitude one, over the period.
    const scale = MARK_PERIOD / Math.sqrt(2 * (to - from));
    return Float32Array.from(real, (value) => value * scale);
  });
  return { noise };
}

/** A copy with only the lines of a band, at positive and negative frequencies. */
function inBand(lines: Float64Array, from: number, to: number): Float64Array {
  return lines.map((value, line) => {
    const positive = Math.min(line, MARK_PERIOD - line);
    return positive >= from && positive < to ? value : 0;
  });
}
