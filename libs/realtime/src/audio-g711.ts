/**
 * ITU-T Recommendation G.711: logarithmic 8-bit codes of 16-bit samples. A code stands for the output value of its interval in tables 1 and
 * 2, scaled to 16 bits (A-law by 8, mu-law by 4); negative samples are folded by complement, as in the ITU-T software tool library (G.191).
 */
export type G711Law = 'mulaw' | 'alaw';

const MULAW_BIAS = 132;
const MULAW_MOST = 32_635;

const tables: Record<G711Law, { readonly decode: Int16Array; readonly encode: Uint8Array }> = {
  mulaw: { decode: table(mulawSample), encode: codes(mulawCode) },
  alaw: { decode: table(alawSample), encode: codes(alawCode) },
};

/** One byte for each sample. */
export function encodeG711(law: G711Law, samples: Int16Array): Uint8Array<ArrayBuffer> {
  const { encode } = tables[law];
  const bytes = new Uint8Array(samples.length);
  for (let index = 0; index < bytes.length; index += 1) bytes[index] = encode[(samples[index] ?? 0) & 0xffff] ?? 0;
  return bytes;
}

/** One sample for each byte; every byte is a code. */
export function decodeG711(law: G711Law, bytes: Uint8Array): Int16Array<ArrayBuffer> {
  const { decode } = tables[law];
  const samples = new Int16Array(bytes.length);
  for (let index = 0; index < samples.length; index += 1) samples[index] = decode[bytes[index] ?? 0] ?? 0;
  return samples;
}

function table(sampleOf: (code: number) => number): Int16Array {
  return Int16Array.from({ length: 256 }, (_, code) => sampleOf(code));
}

/** Codes of all samples, found at the sample's 16 bits. */
function codes(codeOf: (sample: number) => number): Uint8Array {
  return Uint8Array.from({ length: 65_536 }, (_, bits) => codeOf((bits << 16) >> 16));
}

/** The segment of a magnitude whose highest bit counts from `lowest`; 0 below it. */
function segmentOf(magnitude: number, lowest: number): number {
  return Math.max(0, 31 - Math.clz32(magnitude) - lowest);
}

function mulawCode(sample: number): number {
  const magnitude = Math.min(sample < 0 ? ~sample : sample, MULAW_MOST) + MULAW_BIAS;
  const segment = segmentOf(magnitude, 7);
  const step = (magnitude >> (segment + 3)) & 0x0f;
  return ~((sample < 0 ? 0x80 : 0) | (segment << 4) | step) & 0xff;
}

function mulawSample(code: number): number {
  const bits = ~code & 0xff;
  const magnitude = (((bits & 0x0f) << 3) + MULAW_BIAS) << ((bits >> 4) & 0x07);
  return bits & 0x80 ? MULAW_BIAS - magnitude : magnitude - MULAW_BIAS;
}

function alawCode(sample: number): number {
  const magnitude = sample < 0 ? ~sample : sample;
  const segment = segmentOf(magnitude, 7);
  const step = (magnitude >> (segment === 0 ? 4 : segment + 3)) & 0x0f;
  // Every second bit is inverted on the line.
  return ((sample < 0 ? 0 : 0x80) | (segment << 4) | step) ^ 0x55;
}

function alawSample(code: number): number {
  const bits = code ^ 0x55;
  const segment = (bits >> 4) & 0x07;
  const step = (bits & 0x0f) << 4;
  const magnitude = segment === 0 ? step + 8 : (step + 0x108) << (segment - 1);
  return bits & 0x80 ? magnitude : -magnitude;
}
