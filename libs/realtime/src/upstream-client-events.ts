/** An item that is put into an upstream's conversation. */
export type UpstreamItem =
  | {
      readonly type: 'message';
      readonly role: 'user';
      readonly content: readonly (
        { readonly type: 'input_text'; readonly text: string } | { readonly type: 'input_image'; readonly image_url: string }
      )[];
    }
  | {
      readonly type: 'message';
      readonly role: 'system';
      readonly content: readonly { readonly type: 'input_text'; readonly text: string }[];
    }
  | {
      readonly type: 'message';
      readonly role: 'assistant';
      readonly content: readonly { readonly type: 'output_text'; readonly text: string }[];
    }
  | { readonly type: 'function_call'; readonly call_id: string; readonly name: string; readonly arguments: string }
  | { readonly type: 'function_call_output'; readonly call_id: string; readonly output: string };

/** What a session of an upstream is asked to be; fields that are left out keep the upstream's own defaults. */
export type UpstreamSession = {
  readonly type: 'realtime';
  readonly output_modalities: readonly ['audio'];
  readonly instructions?: string;
  readonly audio: {
    readonly input: {
      readonly format: { readonly type: 'audio/pcm'; readonly rate: 24_000 };
      readonly transcription?: { readonly model: string };
      readonly turn_detection: { readonly type: 'server_vad'; readonly create_response: boolean; readonly interrupt_response: true };
    };
    readonly output: { readonly format: { readonly type: 'audio/pcm'; readonly rate: 24_000 }; readonly voice?: string };
  };
  readonly tools: readonly {
    readonly type: 'function';
    readonly name: string;
    readonly description: string;
    readonly parameters: Readonly<Record<string, unknown>>;
  }[];
  readonly tool_choice: 'auto';
};

/** What is said to an upstream: the client's half of the OpenAI Realtime protocol (GA), as far as the engine needs it. */
export type UpstreamClientEvent =
  | { readonly type: 'session.update'; readonly event_id: string; readonly session: UpstreamSession }
  /** Audio is PCM16 at 24 kHz in base64. */
  | { readonly type: 'input_audio_buffer.append'; readonly audio: string }
  | { readonly type: 'input_audio_buffer.commit'; readonly event_id: string }
  | { readonly type: 'conversation.item.create'; readonly event_id: string; readonly item: UpstreamItem }
  | { readonly type: 'conversation.item.delete'; readonly event_id: string; readonly item_id: string }
  | {
      readonly type: 'conversation.item.truncate';
      readonly event_id: string;
      readonly item_id: string;
      readonly content_index: 0;
      readonly audio_end_ms: number;
    }
  | { readonly type: 'response.create'; readonly event_id: string }
  | { readonly type: 'response.cancel'; readonly event_id: string; readonly response_id: string };

/** What an event of ours was for, as its id says: an `error` that names it is understood by it. */
export type UpstreamPurpose = 'config' | 'commit' | 'item' | 'delete' | 'truncate' | 'ask' | 'cancel';

export const eventIdFor = (purpose: UpstreamPurpose, number: number): string => `wh_${purpose}_${number}`;

export function purposeOf(eventId: string | null | undefined): UpstreamPurpose | null {
  const [, purpose] = /^wh_(config|commit|item|delete|truncate|ask|cancel)_\d+$/.exec(eventId ?? '') ?? [];
  switch (purpose) {
    case 'config':
    case 'commit':
    case 'item':
    case 'delete':
    case 'truncate':
    case 'ask':
    case 'cancel':
      return purpose;
    default:
      return null;
  }
}
