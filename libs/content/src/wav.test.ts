import { describe, expect, it } from 'vitest';
import { fitsWav, interleave, pcmBytes, wavHeader } from './wav.ts';

describe('a WAV file', () => {
  it('says how long it is', () => {
    const header = Buffer.from(wavHeader(3_600_000, 2));
    expect(header.toString('latin1', 0, 4) + header.toString('latin1', 8, 16)).toBe('RIFFWAVEfmt ');
    expect(header.readUInt32LE(40)).toBe(3600 * 16_000 * 2 * 2);
    expect(header.readUInt32LE(4)).toBe(header.readUInt32LE(40) + 36);
    expect(header.readUInt16LE(22)).toBe(2);
    expect(header.readUInt32LE(24)).toBe(16_000);
    expect(header.readUInt32LE(28)).toBe(64_000);
    expect(header.readUInt16LE(34)).toBe(16);
  });

  it('has room for a day and a half of one track, and no more', () => {
    expect(pcmBytes(200)).toBe(6400);
    expect(fitsWav(36 * 3_600_000, 1)).toBe(true);
    expect(fitsWav(36 * 3_600_000, 2)).toBe(false);
    expect(fitsWav(38 * 3_600_000, 1)).toBe(false);
  });

  it('has the two tracks left and right', () => {
    expect([...interleave(Uint8Array.of(1, 2, 3, 4), Uint8Array.of(5, 6, 7, 8))]).toEqual([1, 2, 5, 6, 3, 4, 7, 8]);
  });
});
