import type { ImageFindings, TextRisks } from './guard.ts';
import type { GuardModels } from './guard-messages.ts';

/** What a worker for slow models serves. Text and images have one each: a frame that takes a fifth of a second holds up no text. */
export type SlowSetup =
  | ({ readonly kind: 'text' } & Pick<GuardModels, 'injection' | 'toxicity'>)
  | ({ readonly kind: 'image' } & Pick<GuardModels, 'ocr' | 'unsafeImage'>);

/** The guard's worker asks; `load` only loads what has to be right at the start. */
export type SlowAsk = { readonly id: number } & (
  { readonly type: 'load' } | { readonly type: 'text'; readonly text: string } | { readonly type: 'image'; readonly image: Uint8Array }
);

/**
 * The worker ends itself, before it takes up anything else; it answers nothing any more. A worker that is terminated from outside while a model
 * runs takes the whole process with it: onnxruntime aborts when it can't raise the error of the call that was cut off.
 */
export type SlowEnd = { readonly type: 'end' };

export type SlowAnswer = { readonly id: number } & (
  | { readonly type: 'loaded' }
  | { readonly type: 'text'; readonly risks: TextRisks }
  | { readonly type: 'image'; readonly findings: ImageFindings }
  | { readonly type: 'failed'; readonly message: string }
);
