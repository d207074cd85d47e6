import { InferenceSession } from 'onnxruntime-node';

/**
 * Opens a model on the CPU with one thread that sleeps when it waits. On a machine shared by stream threads a spinning pool takes their cores
 * and makes inference itself slower (FIELD.md, section 1).
 */
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
