import type { UpstreamSession } from './upstream-client-events.ts';
import type { UpstreamState } from './upstream-state.ts';

const PCM = { type: 'audio/pcm', rate: 24_000 } as const;

/**
 * What the upstream's session is to be, after what the client asked for. Turn detection always interrupts: the person takes the floor. A voice
 * is only asked for before the upstream has spoken, for then it can no longer be changed.
 */
export function sessionOf({ config, transcription, hasSpoken }: UpstreamState): UpstreamSession {
  const voice = config === null || config.voice === '' || hasSpoken ? {} : { voice: config.voice };
  const create_response = config?.answers ?? true;
  return {
    type: 'realtime',
    output_modalities: ['audio'],
    ...(config === null ? {} : { instructions: config.instructions }),
    audio: {
      input: {
        format: PCM,
        ...(transcription === null ? {} : { transcription: { model: transcription } }),
        turn_detection: { type: 'server_vad', create_response, interrupt_response: true },
      },
      output: { format: PCM, ...voice },
    },
    tools: (config?.tools ?? []).map(({ name, description, parameters }) => ({ type: 'function', name, description, parameters })),
    tool_choice: 'auto',
  };
}
