/** Length of a tick in milliseconds. Ticks are numbered from 0 within a session. */
export const TICK_MS = 200;

/** Sample rate of all audio on the wire, in Hz: mono, signed 16-bit little-endian PCM. */
export const SAMPLE_RATE = 16_000;

/** Samples in one tick of audio. */
export const TICK_SAMPLES = (SAMPLE_RATE * TICK_MS) / 1000;
