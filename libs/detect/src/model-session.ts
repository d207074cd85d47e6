import { InferenceSession } from 'onnxruntime-node';

/** Opens a model on the CPU with one thread that sleeps when it waits: a spinning pool would take the stream threads' cores. */
export function openModel(weights: Uint8Array): Promise<InferenceSession> {
  return InferenceSession.create(weights, {
    executionProviders: ['cpu'],
    executionMode: 'sequential',
    intraOpNumThreads: 1,
    interOpNumThreads: 1,
    logSeverityLevel: 3,
    extra: { session: { intra_op: { allow_spinning: '0' } } },
  });
}

/** The numbers of an output; the model's first output where no name is given. Throws TypeError when there are none. */
export function floatsOf(output: InferenceSession.OnnxValueMapType, name?: string): { data: Float32Array; dims: readonly number[] } {
  const value = name === undefined ? Object.values(output)[0] : output[name];
  if (value !== undefined && 'data' in value && value.data instanceof Float32Array) return { data: value.data, dims: value.dims };
  throw new TypeError(`The model gave no numbers${name === undefined ? '' : ` named ${name}`}.`);
}
