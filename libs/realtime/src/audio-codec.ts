import { SAMPLE_RATE } from '@wheelhouse/protocol/tick';
import { base64OfBytes, bytesOfSamples, samplesOfBytes } from './audio-base64.ts';
import { decodeG711, encodeG711, type G711Law } from './audio-g711.ts';
import { type AudioRate, AudioResampler } from './audio-resample.ts';

/** How audio is written on a wire that is not ours: PCM16 little-endian mono at 24 kHz, or G.711 at 8 kHz. */
export type WireAudio = 'audio/pcm' | 'audio/pcmu' | 'audio/pcma';

/** A client's audio, turned into the session's: mono PCM16 at 16 kHz. */
export class AudioDecoder {
  #format: WireAudio | null = null;
  #resampler = new AudioResampler(SAMPLE_RATE, SAMPLE_RATE);

  /** The next bytes of the stream; whole samples, which the caller has checked. A change of the format starts anew. */
  take(format: WireAudio, bytes: Uint8Array): Int16Array<ArrayBuffer> {
    if (format !== this.#format) this.#resampler = new AudioResampler(rateOf(format), SAMPLE_RATE);
    this.#format = format;
    const law = lawOf(format);
    const samples = law === null ? samplesOfBytes(bytes) : decodeG711(law, bytes);
    if (samples === null) throw new RangeError(`PCM16 audio of ${bytes.length} bytes is not whole samples`);
    return this.#resampler.take(samples);
  }
}

/** The session's audio, turned into a client's. */
export class AudioEncoder {
  #format: WireAudio | null = null;
  #resampler = new AudioResampler(SAMPLE_RATE, SAMPLE_RATE);

  /** Forgets what came before: what follows is another sound. */
  restart(): void {
    this.#format = null;
  }

  /** The next samples of the stream, in base64. */
  take(format: WireAudio, samples: Int16Array): string {
    if (format !== this.#format) this.#resampler = new AudioResampler(SAMPLE_RATE, rateOf(format));
    this.#format = format;
    const converted = this.#resampler.take(samples);
    const law = lawOf(format);
    return base64OfBytes(law === null ? bytesOfSamples(converted) : encodeG711(law, converted));
  }
}

function rateOf(format: WireAudio): AudioRate {
  return format === 'audio/pcm' ? 24_000 : 8_000;
}

function lawOf(format: WireAudio): G711Law | null {
  switch (format) {
    case 'audio/pcm':
      return null;
    case 'audio/pcmu':
      return 'mulaw';
    case 'audio/pcma':
      return 'alaw';
  }
}
