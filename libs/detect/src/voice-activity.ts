import { type InferenceSession, Tensor } from 'onnxruntime-node';
import { SAMPLE_RATE } from '@wheelhouse/protocol/tick';
import { floatsOf, openModel } from './model-session.ts';

const WINDOW = 512;
const CONTEXT = 64;
const INPUT = CONTEXT + WINDOW;
const HALF = 128;
const MOST_IN_BATCH = 32;
const SPEECH_FROM = 0.5;

/** One direction of one session, as an ear hears it. */
export type VoiceStream = {
  /**
   * Whether somebody speaks in this audio (16 kHz PCM16, any length, copied). Audio that completes no window of 32 ms is judged by the window
   * before. Calls are answered in their order.
   */
  hears(audio: Int16Array): Promise<boolean>;
};

export type VoiceActivity = { open(): VoiceStream };

/** What an ear holds between two windows, and the windows that it still has to go through. */
type Ear = { readonly state: Float32Array; samples: Float32Array; speech: boolean; jobs: Job[] };
type Job = { left: number; heard: boolean; done: (speech: boolean) => void; failed: (why: unknown) => void };

const sampleRate = new Tensor('int64', BigInt64Array.of(BigInt(SAMPLE_RATE)), []);

/** Runs the next window of each ear in one batch: half the cost of one by one. */
async function runBatch(model: InferenceSession, ears: readonly Ear[]): Promise<void> {
  const size = ears.length;
  const input = new Float32Array(size * INPUT);
  const state = new Float32Array(2 * size * HALF);
  for (const [i, ear] of ears.entries()) {
    input.set(ear.samples.subarray(0, INPUT), i * INPUT);
    state.set(ear.state.subarray(0, HALF), i * HALF);
    state.set(ear.state.subarray(HALF), (size + i) * HALF);
  }
  const output = await model.run({
    input: new Tensor('float32', input, [size, INPUT]),
    state: new Tensor('float32', state, [2, size, HALF]),
    sr: sampleRate,
  });
  const probability = floatsOf(output, 'output').data;
  const next = floatsOf(output, 'stateN').data;
  for (const [i, ear] of ears.entries()) {
    ear.state.set(next.subarray(i * HALF, (i + 1) * HALF));
    ear.state.set(next.subarray((size + i) * HALF, (size + i + 1) * HALF), HALF);
    ear.samples = ear.samples.subarray(WINDOW);
    ear.speech = (probability[i] ?? 0) >= SPEECH_FROM;
    const job = ear.jobs[0];
    if (job === undefined) continue;
    job.left -= 1;
    job.heard ||= ear.speech;
    finish(ear);
  }
}

/** Answers what needs no more windows. */
function finish(ear: Ear): void {
  for (let job = ear.jobs[0]; job?.left === 0; job = ear.jobs[0]) {
    ear.jobs.shift();
    job.done(job.heard);
  }
}

/** All ears of a thread. What is asked in one turn of the event loop is worked through together. */
class Batcher {
  readonly #model: InferenceSession;
  readonly #busy = new Set<Ear>();
  #running = false;

  constructor(model: InferenceSession) {
    this.#model = model;
  }

  add(ear: Ear): void {
    this.#busy.add(ear);
    if (this.#running) return;
    this.#running = true;
    setImmediate(() => void this.#run());
  }

  async #run(): Promise<void> {
    while (this.#busy.size > 0) {
      const batch = [...this.#busy].slice(0, MOST_IN_BATCH);
      try {
        await runBatch(this.#model, batch);
      } catch (error) {
        for (const ear of batch) for (const job of ear.jobs.splice(0)) job.failed(error);
      }
      for (const ear of batch) if (ear.jobs.length === 0) this.#busy.delete(ear);
    }
    this.#running = false;
  }
}

function openStream(batcher: Batcher): VoiceStream {
  // The first window has silence for the context before it.
  const ear: Ear = { state: new Float32Array(2 * HALF), samples: new Float32Array(CONTEXT), speech: false, jobs: [] };
  return {
    hears: (audio) =>
      new Promise((done, failed) => {
        const samples = new Float32Array(ear.samples.length + audio.length);
        samples.set(ear.samples);
        for (let i = 0, to = ear.samples.length; i < audio.length; i += 1, to += 1) samples[to] = (audio[i] ?? 0) / 32_768;
        ear.samples = samples;
        const windows = ear.jobs.reduce((sum, { left }) => sum + left, 0);
        const left = Math.floor((samples.length - CONTEXT) / WINDOW) - windows;
        ear.jobs.push({ left, heard: left === 0 && ear.speech, done, failed });
        if (left > 0 || ear.jobs.length > 1) batcher.add(ear);
        else finish(ear);
      }),
  };
}

/**
 * Speech activity on Silero v6 (docs/detectors.md). Source of the windowing, 64 samples of context before each 512: the model's own streaming
 * wrapper, snakers4/silero-vad.
 */
export async function createVoiceActivity(weights: Uint8Array): Promise<VoiceActivity> {
  const batcher = new Batcher(await openModel(weights));
  return { open: () => openStream(batcher) };
}
