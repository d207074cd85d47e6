import { base64OfBytes, bytesOfSamples, samplesOfBytes } from './audio-base64.ts';
import { decodeG711, encodeG711 } from './audio-g711.ts';
import { AudioResampler } from './audio-resample.ts';
import type { LiveAudioFormat } from './live-client-session.ts';

const ENGINE_RATE = 16_000;

/** Sound of one connection on its way between the client's format and the engine's (PCM16 mono at 16 kHz), both ways. */
export class LiveAudio {
  readonly #format: LiveAudioFormat;
  readonly #in: AudioResampler;
  #out: AudioResampler;

  constructor(format: LiveAudioFormat) {
    this.#format = format;
    this.#in = new AudioResampler(format.rate, ENGINE_RATE);
    this.#out = new AudioResampler(ENGINE_RATE, format.rate);
  }

  /** Bytes of the client's, whole samples: the same sound at 16 kHz. */
  heard(bytes: Uint8Array): Int16Array<ArrayBuffer> {
    const samples =
      this.#format.type === 'audio/pcm' ? samplesOfBytes(bytes) : decodeG711(this.#format.type === 'audio/pcmu' ? 'mulaw' : 'alaw', bytes);
    return this.#in.take(samples ?? new Int16Array());
  }

  /** PCM16 little-endian at 16 kHz, whole samples: base64 of it in the client's format. */
  said(pcm: Uint8Array): string {
    const samples = this.#out.take(samplesOfBytes(pcm) ?? new Int16Array());
    const bytes =
      this.#format.type === 'audio/pcm'
        ? bytesOfSamples(samples)
        : encodeG711(this.#format.type === 'audio/pcmu' ? 'mulaw' : 'alaw', samples);
    return base64OfBytes(bytes);
  }

  /** Forgets what was said: its last milliseconds, which the converter still holds, must not come with what follows. */
  flush(): void {
    this.#out = new AudioResampler(ENGINE_RATE, this.#format.rate);
  }
}
