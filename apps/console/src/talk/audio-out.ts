import { SAMPLE_RATE } from '@wheelhouse/protocol/tick';
import { Cell } from '../live/cell.ts';
import { SILENT, type PlaybackReport, type PlaybackRequest } from './playback-message.ts';
import playbackUrl from './playback-worklet.ts?worker&url';

/** The loudspeaker: samples of 16 kHz go to the worklet's ring; the browser brings them to the device's rate. */
export class AudioOut {
  readonly report = new Cell<PlaybackReport>(SILENT);
  readonly #context = new AudioContext({ sampleRate: SAMPLE_RATE, latencyHint: 'interactive' });
  #node: AudioWorkletNode | null = null;

  /** Called within the person's click, or the browser keeps the context asleep. */
  async open(): Promise<void> {
    const resumed = this.#context.resume();
    await this.#context.audioWorklet.addModule(playbackUrl);
    const node = new AudioWorkletNode(this.#context, 'wheelhouse-playback', { numberOfInputs: 0, outputChannelCount: [1] });
    node.port.onmessage = ({ data }: MessageEvent<PlaybackReport>) => {
      this.report.set(data);
    };
    node.connect(this.#context.destination);
    this.#node = node;
    await resumed;
  }

  /** `payload` is little-endian PCM16 within a larger message, so it is copied to where 16-bit samples may lie. */
  play(payload: Uint8Array): void {
    const bytes = payload.slice(0, payload.length - (payload.length % 2));
    const samples = new Int16Array(bytes.buffer);
    this.#post(samples, [samples.buffer]);
  }

  flush(): void {
    this.#post('flush', []);
  }

  async close(): Promise<void> {
    this.#node?.disconnect();
    await this.#context.close();
  }

  #post(request: PlaybackRequest, transfer: Transferable[]): void {
    this.#node?.port.postMessage(request, transfer);
  }
}
