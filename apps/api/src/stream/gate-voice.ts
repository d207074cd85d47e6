import { openSpeaking, type SpeakingPort } from '@wheelhouse/engine/local-speech';
import type { SafeUtterance } from '@wheelhouse/session/tick-state';
import type { Logger } from 'pino';

/** What is said when a checkpoint cuts the engine off. */
const SAFE_TEXT = 'Sorry, I can not go on with that. Let me get somebody to help.';
const START_MS = 20_000;

/**
 * The gate's own voice, in a worker of this process: the engine, which is not trusted, does not speak for it. Where its model is missing, what it has to
 * say is text alone.
 */
export class GateVoice {
  readonly #models: string;
  readonly #log: Logger;
  #speaking: SpeakingPort | null = null;
  safe: SafeUtterance = { text: SAFE_TEXT, audio: new Int16Array(0) };

  constructor(parts: { models: string; log: Logger }) {
    this.#models = parts.models;
    this.#log = parts.log;
  }

  /** Readies the safe utterance, so that saying it waits for nothing. */
  async start(): Promise<void> {
    const audio = await this.say(SAFE_TEXT);
    this.safe = { text: SAFE_TEXT, audio };
  }

  /** Speech at 16 kHz; empty where it can't be spoken, and the log says why. */
  async say(text: string): Promise<Int16Array> {
    try {
      this.#speaking ??= openSpeaking(this.#models);
      const speaking = this.#speaking;
      await withinTime(speaking.ready());
      return (await speaking.ask(text)).audio;
    } catch (error) {
      this.#log.warn({ err: error }, 'the gate has no voice; what it says is text alone');
      await this.close();
      return new Int16Array(0);
    }
  }

  async close(): Promise<void> {
    const speaking = this.#speaking;
    this.#speaking = null;
    await speaking?.close();
  }
}

async function withinTime(ready: Promise<unknown>): Promise<void> {
  const { promise, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => {
    reject(new Error('the speech model did not load in time'));
  }, START_MS);
  try {
    await Promise.race([ready, promise]);
  } finally {
    clearTimeout(timer);
  }
}
