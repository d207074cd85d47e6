import { change, type Draft } from './realtime-state.ts';

/** Gives the engine what was added to the conversation and has waited for a reason to answer. */
export function givePending(draft: Draft): void {
  for (const input of draft.state.pending) {
    switch (input.type) {
      case 'text':
        if (input.image !== null) draft.effects.push({ type: 'image', jpeg: input.image });
        for (const text of input.texts) draft.effects.push({ type: 'text', text });
        break;
      case 'result':
        draft.effects.push({ type: 'result', result: input.result });
        break;
    }
  }
  if (draft.state.pending.length > 0) change(draft, { pending: [] });
}
