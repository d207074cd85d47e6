import captureUrl from './capture-worklet.ts?worker&url';
import type { Slice } from './slicer.ts';

/** Where the person's voice comes from. */
export type VoiceSource = { readonly type: 'microphone' } | { readonly type: 'recording'; readonly file: File };

/** The microphone, or a recording that plays in real time in its place: both run through the same graph and the same worklet. */
export class AudioIn {
  readonly #context = new AudioContext({ latencyHint: 'interactive' });
  readonly #monitor = new GainNode(this.#context, { gain: 0 });
  #stream: MediaStream | null = null;
  #recording: AudioBufferSourceNode | null = null;

  /** Called within the person's click. Throws in words for the person when there is no microphone or no audio in the file. */
  async open(source: VoiceSource, onSlice: (slice: Slice) => void): Promise<void> {
    const resumed = this.#context.resume();
    await this.#context.audioWorklet.addModule(captureUrl);
    const input = source.type === 'microphone' ? await this.#microphone() : await this.#decode(source.file);
    const node = new AudioWorkletNode(this.#context, 'wheelhouse-capture', { outputChannelCount: [1] });
    node.port.onmessage = ({ data }: MessageEvent<Slice>) => {
      onSlice(data);
    };
    // The worklet's output is silence; it is connected because browsers only run what leads to the loudspeaker.
    input.connect(node).connect(this.#context.destination);
    if (source.type === 'recording') input.connect(this.#monitor).connect(this.#context.destination);
    await resumed;
  }

  /** Starts the recording from its first sample; a microphone has been running since `open`. */
  begin(onEnd: () => void): void {
    if (this.#recording === null) return;
    this.#recording.onended = onEnd;
    this.#recording.start();
  }

  /** Whether a recording is also heard here. Never the microphone. */
  setAudible(audible: boolean): void {
    this.#monitor.gain.value = audible ? 1 : 0;
  }

  async close(): Promise<void> {
    for (const track of this.#stream?.getTracks() ?? []) track.stop();
    await this.#context.close();
  }

  async #microphone(): Promise<AudioNode> {
    if (!('mediaDevices' in navigator))
      throw new Error('The browser gives the microphone to secure pages only: open the console by https or on localhost.');
    try {
      this.#stream = await navigator.mediaDevices.getUserMedia({
        audio: { echoCancellation: true, noiseSuppression: true, autoGainControl: true, channelCount: 1 },
      });
    } catch (error) {
      throw new Error(
        `The microphone cannot be used: ${error instanceof Error ? error.message : 'no reason given'}. Allow it for this page, or pick a recording.`,
        {
          cause: error,
        },
      );
    }
    return new MediaStreamAudioSourceNode(this.#context, { mediaStream: this.#stream });
  }

  async #decode(file: File): Promise<AudioNode> {
    const bytes = await file.arrayBuffer();
    try {
      const buffer = await this.#context.decodeAudioData(bytes);
      this.#recording = new AudioBufferSourceNode(this.#context, { buffer });
      return this.#recording;
    } catch (error) {
      throw new Error(`${file.name} holds no audio that this browser can read. WAV, MP3, FLAC and Ogg are read everywhere.`, {
        cause: error,
      });
    }
  }
}
