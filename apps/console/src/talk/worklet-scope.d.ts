/**
 * What an AudioWorklet's global scope offers and TypeScript's DOM library does not name. Ambient, so that nothing is imported at run time.
 */
declare global {
  abstract class AudioWorkletProcessor {
    readonly port: MessagePort;
    abstract process(inputs: readonly (readonly Float32Array[])[], outputs: readonly (readonly Float32Array[])[]): boolean;
  }
  function registerProcessor(name: string, processor: new () => AudioWorkletProcessor): void;
  const sampleRate: number;
}
export {};
