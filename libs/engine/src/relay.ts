import type { TickAnswer, TickInput } from '@wheelhouse/protocol/engine-tick';
import type { Engine, EngineSession, EngineStream } from './engine.ts';
import { type HearingPort, type SpeakingPort, openHearing, openSpeaking } from './local-speech.ts';
import { type RelayEffect, type RelayState, type RelayStep, initialRelay, takeSpeech, takeTick, takeTranscript } from './relay-turns.ts';
import { type VoiceActivity, type VoiceStream, createVoiceActivity } from './voice-activity.ts';
import { loadWeights } from './weights-store.ts';

/** What the relay runs on. */
export type RelayParts = { readonly voiceActivity: VoiceActivity; readonly hearing: HearingPort; readonly speaking: SpeakingPort };

class RelayStream implements EngineStream {
  readonly #parts: RelayParts;
  readonly #voice: VoiceStream;
  readonly #session: EngineSession;
  #state: RelayState = initialRelay;
  #isOpen = true;

  constructor(parts: RelayParts, session: EngineSession) {
    this.#parts = parts;
    this.#voice = parts.voiceActivity.open();
    this.#session = session;
  }

  async tick(input: TickInput): Promise<TickAnswer> {
    const { tick, texts, whispers, extra } = input;
    // The utterance outlives the tick, and the input's memory is the wire's.
    const audio = input.audio.slice();
    const windows = await this.#voice.push(audio);
    const step = takeTick(this.#state, {
      ...{ tick, audio, windows, texts, whispers, isHearingIdle: this.#parts.hearing.pending() === 0 },
      ...(extra === undefined ? {} : { extra }),
    });
    this.#follow(step);
    return step.answer;
  }

  close(): void {
    this.#isOpen = false;
    this.#state = initialRelay;
  }

  #follow({ state, effects }: RelayStep): void {
    if (!this.#isOpen) return;
    this.#state = state;
    for (const effect of effects) void this.#perform(effect);
  }

  /** Never rejects: what fails is told to the operator, and the conversation goes on as if nothing had been heard or there were nothing to say. */
  async #perform(effect: RelayEffect): Promise<void> {
    switch (effect.type) {
      case 'transcribe': {
        const { utterance, final, audio } = effect;
        const text = await this.#attempt('hearing', this.#parts.hearing.ask(audio, [audio.buffer]));
        this.#follow(takeTranscript(this.#state, { utterance, final, text: text ?? '' }));
        return;
      }
      case 'synthesise': {
        const speech = await this.#attempt('speaking', this.#parts.speaking.ask(effect.text));
        this.#follow(takeSpeech(this.#state, effect.reply, speech));
        return;
      }
    }
  }

  async #attempt<Result>(what: string, result: Promise<Result>): Promise<Result | null> {
    try {
      return await result;
    } catch (error) {
      if (this.#isOpen) this.#session.onTrouble?.(`${what} failed: ${error instanceof Error ? error.message : String(error)}`);
      return null;
    }
  }
}

/**
 * The diagnostic engine, a telephone company's echo test: it repeats what it understood ("You said: ..."), or what was typed ("You wrote: ..."),
 * listens while it speaks, and stops in the tick in which it is sure that the person speaks over it. What was said while it could not reply is
 * repeated together. A whisper takes the place of "You said" in the next reply.
 */
export function createRelay(parts: RelayParts): Engine {
  return { kind: 'relay', model: 'silero-vad-v6+moonshine-tiny+flite-slt', open: (session) => new RelayStream(parts, session) };
}

/** A running relay with its workers. */
export type RunningRelay = { readonly engine: Engine; close(): Promise<void> };

/**
 * Starts a relay on the weights in `folder`; resolves when all models are loaded.
 * @throws WeightsError `missing` or `corrupt`; SpeechError when a worker cannot start.
 */
export async function startRelay(folder: string): Promise<RunningRelay> {
  // Checked here first: an error that crosses from a worker loses its code.
  for (const name of ['moonshine-tiny-encoder', 'moonshine-tiny-decoder', 'flite'] as const) await loadWeights(folder, name);
  const voiceActivity = await createVoiceActivity(await loadWeights(folder, 'silero-vad'));
  const hearing = openHearing(folder);
  const speaking = openSpeaking(folder);
  const close = async (): Promise<void> => {
    await Promise.all([hearing.close(), speaking.close()]);
  };
  try {
    await Promise.all([hearing.ready(), speaking.ready()]);
  } catch (error) {
    await close();
    throw error;
  }
  return { engine: createRelay({ voiceActivity, hearing, speaking }), close };
}
