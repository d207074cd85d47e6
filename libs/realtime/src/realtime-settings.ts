import type { EngineConfig } from '@wheelhouse/protocol/tool-call';
import type { ResponseParams } from './realtime-client-events.ts';
import type { SessionUpdate, TurnDetection } from './realtime-client-session.ts';
import type { Refused } from './realtime-fault.ts';
import { type Draft, emit, type RealtimeSettings, type RealtimeState } from './realtime-state.ts';

/** Longest instructions of an engine, system messages included. */
const LONGEST_INSTRUCTIONS = 16_000;
const OWN_VOICE = 'default';

export const initialSettings: RealtimeSettings = {
  instructions: '',
  modality: 'audio',
  inputFormat: { type: 'audio/pcm', rate: 24_000 },
  outputFormat: { type: 'audio/pcm', rate: 24_000 },
  voice: OWN_VOICE,
  transcription: false,
  turnDetection: { type: 'server_vad', create_response: true },
  tools: [],
  toolChoice: 'auto',
};

/** The session as `session.created` and `session.updated` tell it: what is in force, not what was asked. */
export function sessionObject({ id, model, settings }: RealtimeState) {
  return {
    type: 'realtime' as const,
    object: 'realtime.session',
    id,
    model,
    output_modalities: [settings.modality],
    instructions: settings.instructions,
    tools: settings.tools,
    tool_choice: settings.toolChoice,
    parallel_tool_calls: true,
    max_output_tokens: 'inf',
    truncation: 'auto',
    tracing: null,
    prompt: null,
    include: null,
    audio: {
      input: {
        format: settings.inputFormat,
        noise_reduction: null,
        transcription: settings.transcription ? { model } : null,
        turn_detection: turnsInForce(settings.turnDetection),
      },
      output: { format: settings.outputFormat, voice: settings.voice, speed: 1 },
    },
  };
}

function turnsInForce(turns: TurnDetection | null) {
  if (turns === null) return null;
  const common = { type: turns.type, create_response: turns.create_response, interrupt_response: true };
  switch (turns.type) {
    case 'server_vad':
      return { ...common, threshold: 0.5, prefix_padding_ms: 300, silence_duration_ms: 500, idle_timeout_ms: null };
    case 'semantic_vad':
      return { ...common, eagerness: 'auto' };
  }
}

/** `session.update`: all of it, or nothing and why. */
export function updateSession(draft: Draft, update: SessionUpdate): Refused | null {
  const { model, settings: before } = draft.state;
  if (update.model !== undefined && update.model !== model) {
    const message = `The model of a session is its deployment, and cannot be changed: this one is '${model}'. Open another session for '${update.model}'.`;
    return { code: 'model_fixed', message, param: 'session.model' };
  }
  const input = update.audio?.input;
  const output = update.audio?.output;
  const settings: RealtimeSettings = {
    instructions: update.instructions ?? before.instructions,
    modality: update.output_modalities?.[0] ?? before.modality,
    inputFormat: input?.format ?? before.inputFormat,
    outputFormat: output?.format ?? before.outputFormat,
    voice: voiceName(output?.voice) ?? before.voice,
    transcription: input?.transcription === undefined ? before.transcription : input.transcription !== null,
    turnDetection: input?.turn_detection === undefined ? before.turnDetection : input.turn_detection,
    tools: update.tools ?? before.tools,
    toolChoice: update.tool_choice ?? before.toolChoice,
  };
  const state = { ...draft.state, settings };
  const config = engineConfig(state);
  if (config.instructions.length > LONGEST_INSTRUCTIONS) return tooLong('session.instructions');
  draft.state = state;
  draft.effects.push({ type: 'config', config });
  emit(draft, { type: 'session.updated', session: sessionObject(state) });
  return null;
}

function tooLong(param: string): Refused {
  return {
    code: 'instructions_too_long',
    message: `Instructions and system messages have at most ${LONGEST_INSTRUCTIONS} characters in all.`,
    param,
  };
}

export function voiceName(voice: string | { readonly id: string } | undefined): string | undefined {
  return typeof voice === 'object' ? voice.id : voice;
}

/** What the engine is to be: the session's settings with the system messages of the conversation, and one response's own settings over them. */
export function engineConfig(state: RealtimeState, over: ResponseParams = {}): EngineConfig {
  const { settings } = state;
  const voice = voiceName(over.audio?.output?.voice) ?? settings.voice;
  const tools = (over.tool_choice ?? settings.toolChoice) === 'none' ? [] : (over.tools ?? settings.tools);
  return {
    instructions: [over.instructions ?? settings.instructions, ...systemMessages(state)].filter((text) => text !== '').join('\n\n'),
    voice: voice === OWN_VOICE ? '' : voice,
    tools: tools.map(({ name, description, parameters }) => ({ name, description, parameters })),
    answers: settings.turnDetection?.create_response ?? false,
  };
}

function systemMessages({ entries }: RealtimeState): string[] {
  return entries.flatMap(({ item }) => (item.type === 'message' && item.role === 'system' ? item.content.map(({ text }) => text) : []));
}

/** Tells the engine what system messages there are now. Refused, and undone by the caller, when they are too long. */
export function reconfigure(draft: Draft, param: string): Refused | null {
  const config = engineConfig(draft.state);
  if (config.instructions.length > LONGEST_INSTRUCTIONS) return tooLong(param);
  draft.effects.push({ type: 'config', config });
  return null;
}

/** Settings of one response alone, until it is over. */
export function override(draft: Draft, params: ResponseParams): Refused | null {
  const config = engineConfig(draft.state, params);
  if (config.instructions.length > LONGEST_INSTRUCTIONS) return tooLong('response.instructions');
  draft.effects.push({ type: 'config', config });
  return null;
}

export function restoreSettings(draft: Draft): void {
  draft.effects.push({ type: 'config', config: engineConfig(draft.state) });
}
