/** PCM16 audio as it stands in a WAV file. `channels` are interleaved. */
export type Wav = { readonly sampleRate: number; readonly channels: number; readonly samples: Int16Array };

const HEADER = 44;
const tag = (view: DataView, at: number): string =>
  String.fromCharCode(view.getUint8(at), view.getUint8(at + 1), view.getUint8(at + 2), view.getUint8(at + 3));

function samplesOf(bytes: Uint8Array): Int16Array {
  const samples = new Int16Array(bytes.length >> 1);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let i = 0; i < samples.length; i += 1) samples[i] = view.getInt16(i * 2, true);
  return samples;
}

/** Reads a RIFF/WAVE file of 16 bit PCM; null when it is anything else. A data chunk that claims more than the file holds is cut to what is there. */
export function readWav(file: Uint8Array): Wav | null {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  if (file.length < 12 || tag(view, 0) !== 'RIFF' || tag(view, 8) !== 'WAVE') return null;
  let format: { sampleRate: number; channels: number } | null = null;
  for (let at = 12; at + 8 <= file.length;) {
    const size = Math.min(view.getUint32(at + 4, true), file.length - at - 8);
    const kind = tag(view, at);
    if (kind === 'fmt ' && size >= 16) {
      if (view.getUint16(at + 8, true) !== 1 || view.getUint16(at + 22, true) !== 16) return null;
      format = { channels: view.getUint16(at + 10, true), sampleRate: view.getUint32(at + 12, true) };
    }
    if (kind === 'data') return format === null ? null : { ...format, samples: samplesOf(file.subarray(at + 8, at + 8 + size)) };
    at += 8 + size + (size % 2);
  }
  return null;
}

/** A mono WAV file of 16 bit PCM. */
export function writeWav(samples: Int16Array, sampleRate: number): Uint8Array {
  const file = new Uint8Array(HEADER + samples.length * 2);
  const view = new DataView(file.buffer);
  const put = (at: number, text: string): void => {
    for (let i = 0; i < text.length; i += 1) view.setUint8(at + i, text.charCodeAt(i));
  };
  put(0, 'RIFF');
  view.setUint32(4, file.length - 8, true);
  put(8, 'WAVEfmt ');
  view.setUint32(16, 16, true);
  view.setUint16(20, 1, true);
  view.setUint16(22, 1, true);
  view.setUint32(24, sampleRate, true);
  view.setUint32(28, sampleRate * 2, true);
  view.setUint16(32, 2, true);
  view.setUint16(34, 16, true);
  put(36, 'data');
  view.setUint32(40, samples.length * 2, true);
  samples.forEach((sample, index) => {
    view.setInt16(HEADER + index * 2, sample, true);
  });
  return file;
}
