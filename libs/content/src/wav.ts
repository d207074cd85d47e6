import { SAMPLE_RATE } from '@wheelhouse/protocol/tick';

export const WAV_HEADER_BYTES = 44;
const BYTES_A_SAMPLE = 2;
/** RIFF counts its bytes in 32 bits, the eight of its own head left out. */
const MOST_DATA_BYTES = 2 ** 32 - 1 - (WAV_HEADER_BYTES - 8);

/** Bytes of PCM16 at 16 kHz in so many milliseconds. */
export function pcmBytes(ms: number, channels = 1): number {
  return (ms * SAMPLE_RATE * BYTES_A_SAMPLE * channels) / 1000;
}

export function fitsWav(ms: number, channels: number): boolean {
  return pcmBytes(ms, channels) <= MOST_DATA_BYTES;
}

/** The head of a WAV file with `ms` of 16 kHz PCM16. */
export function wavHeader(ms: number, channels: 1 | 2): Uint8Array<ArrayBuffer> {
  const header = new Uint8Array(WAV_HEADER_BYTES);
  const view = new DataView(header.buffer);
  const data = pcmBytes(ms, channels);
  const word = (offset: number, text: string) => {
    for (let i = 0; i < text.length; i += 1) header[offset + i] = text.charCodeAt(i);
  };
  word(0, 'RIFF');
  view.setUint32(4, WAV_HEADER_BYTES - 8 + data, true);
  word(8, 'WAVEfmt ');
  view.setUint32(16, 16, true);
  view.setUint16(20, 1, true);
  view.setUint16(22, channels, true);
  view.setUint32(24, SAMPLE_RATE, true);
  view.setUint32(28, SAMPLE_RATE * BYTES_A_SAMPLE * channels, true);
  view.setUint16(32, BYTES_A_SAMPLE * channels, true);
  view.setUint16(34, 8 * BYTES_A_SAMPLE, true);
  word(36, 'data');
  view.setUint32(40, data, true);
  return header;
}

/** Two mono tracks of the same length as one stereo track: left, right, left, right. */
export function interleave(left: Uint8Array, right: Uint8Array): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array(left.length * 2);
  for (let at = 0; at < left.length; at += BYTES_A_SAMPLE) {
    out[2 * at] = left[at] ?? 0;
    out[2 * at + 1] = left[at + 1] ?? 0;
    out[2 * at + 2] = right[at] ?? 0;
    out[2 * at + 3] = right[at + 1] ?? 0;
  }
  return out;
}
