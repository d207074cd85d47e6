import type { SupervisionVerb } from '@wheelhouse/protocol/supervisor';

export const VERB_WORDS: Readonly<Record<SupervisionVerb, string>> = {
  monitor: 'listening, unheard',
  barge: 'speaking beside the engine',
  take_over: 'speaking in the place of the engine',
};
