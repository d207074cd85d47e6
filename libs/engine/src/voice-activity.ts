import { type InferenceSession, Tensor } from 'onnxruntime-node';
import { SAMPLE_RATE } from '@wheelhouse/protocol/tick';
import { openModel } from './model-session.ts';

/** Samples in one window of voice activity: 32 ms. */
export const WINDOW_SAMPLES = 512;
const CONTEXT_SAMPLES = 64;
const INPUT_SAMPLES = CONTEXT_SAMPLES + WINDOW_SAMPLES;
const STATE_HALF = 128;
/** Inference runs on the thread that asks. Past this many the cost of a window no longer falls, and a run would hold the thread longer. */
const MOST_IN_BATCH = 32;

/** One session's ear for voice. */
export type VoiceStream = {
  /**
   * Takes any amount of audio (16 kHz PCM16, copied) and gives the probability of speech, 0 to 1, for each window that it completes; what
   * is left over waits for more. One call at a time.
   */
  push(audio: Int16Array): Promise<number[]>;
};

/** Voice activity for all the sessions of a process; `open` gives each its own stream. */
export type VoiceActivity = { open(): VoiceStream };

type Ear = { readonly state: Float32Array; readonly context: Float32Array; rest: Float32Array };

/** An ear with windows to go through, one after the other: each needs the state that the one before left. */
type Job = {
  readonly ear: Ear;
  readonly samples: Float32Array;
  at: number;
  readonly found: number[];
  done: (found: number[]) => void;
  failed: (why: unknown) => void;
};

const sampleRate = new Tensor('int64', BigInt64Array.of(BigInt(SAMPLE_RATE)), []);

function floats(output: InferenceSession.OnnxValueMapType, name: string): Float32Array {
  const value = output[name];
  if (value?.data instanceof Float32Array) return value.data;
  throw new TypeError(`the model gave no ${name}`);
}

/** Gathers one window of each job into a batch, runs it, and gives state and probability back to each. */
async function runBatch(model: InferenceSession, jobs: readonly Job[]): Promise<void> {
  const size = jobs.length;
  const input = new Float32Array(size * INPUT_SAMPLES);
  const state = new Float32Array(2 * size * STATE_HALF);
  for (const [index, { ear, samples, at }] of jobs.entries()) {
    input.set(ear.context, index * INPUT_SAMPLES);
    input.set(samples.subarray(at, at + WINDOW_SAMPLES), index * INPUT_SAMPLES + CONTEXT_SAMPLES);
    state.set(ear.state.subarray(0, STATE_HALF), index * STATE_HALF);
    state.set(ear.state.subarray(STATE_HALF), (size + index) * STATE_HALF);
  }
  const output = await model.run({
    input: new Tensor('float32', input, [size, INPUT_SAMPLES]),
    state: new Tensor('float32', state, [2, size, STATE_HALF]),
    sr: sampleRate,
  });
  const probability = floats(output, 'output');
  const next = floats(output, 'stateN');
  for (const [index, job] of jobs.entries()) {
    const { ear, samples } = job;
    ear.state.set(next.subarray(index * STATE_HALF, (index + 1) * STATE_HALF));
    ear.state.set(next.subarray((size + index) * STATE_HALF, (size + index + 1) * STATE_HALF), STATE_HALF);
    job.at += WINDOW_SAMPLES;
    ear.context.set(samples.subarray(job.at - CONTEXT_SAMPLES, job.at));
    job.found.push(probability[index] ?? 0);
  }
}

function finish(job: Job): boolean {
  if (job.at + WINDOW_SAMPLES <= job.samples.length) return false;
  job.ear.rest = job.samples.slice(job.at);
  job.done(job.found);
  return true;
}

/** The queue of all ears. What is pushed in one turn of the event loop is worked through together. */
class Batcher {
  readonly #model: InferenceSession;
  #waiting: Job[] = [];
  #running = false;

  constructor(model: InferenceSession) {
    this.#model = model;
  }

  add(job: Job): void {
    if (finish(job)) return;
    this.#waiting.push(job);
    if (this.#running) return;
    this.#running = true;
    setImmediate(() => void this.#run());
  }

  async #run(): Promise<void> {
    while (this.#waiting.length > 0) {
      const batch = this.#waiting.splice(0, MOST_IN_BATCH);
      try {
        await runBatch(this.#model, batch);
        // Unfinished ears go to the front: those that began together end together, so that answers do not all wait for the last.
        this.#waiting.unshift(...batch.filter((job) => !finish(job)));
      } catch (error) {
        for (const job of batch) job.failed(error);
      }
    }
    this.#running = false;
  }
}

function openStream(batcher: Batcher): VoiceStream {
  const ear: Ear = { state: new Float32Array(2 * STATE_HALF), context: new Float32Array(CONTEXT_SAMPLES), rest: new Float32Array(0) };
  return {
    push: (audio) =>
      new Promise((resolve, reject) => {
        const samples = new Float32Array(ear.rest.length + audio.length);
        samples.set(ear.rest);
        for (let i = 0, to = ear.rest.length; i < audio.length; i += 1, to += 1) samples[to] = (audio[i] ?? 0) / 32_768;
        batcher.add({ ear, samples, at: 0, found: [], done: resolve, failed: reject });
      }),
  };
}

/** Voice activity on Silero v6. Source of the windowing (64 samples of context before each 512): the model's own streaming wrapper, snakers4/silero-vad. */
export async function createVoiceActivity(weights: Uint8Array): Promise<VoiceActivity> {
  const batcher = new Batcher(await openModel(weights));
  return { open: () => openStream(batcher) };
}
