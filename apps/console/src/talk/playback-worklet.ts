import type { PlaybackReport, PlaybackRequest } from './playback-message.ts';
import { PlaybackRing } from './playback-ring.ts';

const JITTER_MS = 60;
const SLACK_MS = 320;
/** No reply is worth hearing this much too late. */
const CAPACITY_MS = 3_000;
const REPORT_MS = 50;

function samples(ms: number): number {
  return (sampleRate * ms) / 1000;
}

/** Runs on the audio thread: what it renders is what the person hears, so it is also where playing is counted. */
class PlaybackProcessor extends AudioWorkletProcessor {
  readonly #ring = new PlaybackRing(samples(CAPACITY_MS), samples(JITTER_MS), samples(SLACK_MS));
  #sinceReport = 0;
  #peak = 0;
  #reported = '';

  constructor() {
    super();
    this.port.onmessage = ({ data }: MessageEvent<PlaybackRequest>) => {
      if (data === 'flush') this.#ring.flush();
      else this.#ring.push(data);
    };
  }

  process(_inputs: readonly (readonly Float32Array[])[], outputs: readonly (readonly Float32Array[])[]): boolean {
    const out = outputs[0]?.[0];
    if (out === undefined) return true;
    this.#peak = Math.max(this.#peak, this.#ring.pull(out));
    this.#sinceReport += out.length;
    if (this.#sinceReport >= samples(REPORT_MS)) this.#report();
    return true;
  }

  #report(): void {
    const report: PlaybackReport = { ...this.#ring.counters, waiting: this.#ring.waiting, level: this.#peak };
    this.#sinceReport = 0;
    this.#peak = 0;
    const text = JSON.stringify(report);
    if (text !== this.#reported) this.port.postMessage(report);
    this.#reported = text;
  }
}

registerProcessor('wheelhouse-playback', PlaybackProcessor);
