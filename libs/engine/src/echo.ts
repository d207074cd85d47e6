import type { Engine, EngineStream } from './engine.ts';

const stream: EngineStream = {
  // The input's own memory goes back out: at thousands of sessions a copy here would cost more than everything else the engine does.
  tick: (input) => Promise.resolve({ tick: input.tick, audio: input.audio, said: '', heard: [], yielded: false }),
  close: () => undefined,
};

/** The loopback engine: answers each tick with the audio it was given. For line tests and the bench; it has no state and no model. */
export const echoEngine: Engine = { kind: 'echo', model: 'none', open: () => stream };
