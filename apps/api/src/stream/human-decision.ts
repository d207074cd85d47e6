import type { ToolCall } from '@wheelhouse/protocol/tool-call';
import type { InputWords } from '@wheelhouse/session/input-part';

/** What a human decided on something of a session's that waited, as its stream thread has to know it. */
export type HumanDecision =
  /** The call may be carried out, as it is here: its arguments may have been edited. */
  | { readonly what: 'call'; readonly call: ToolCall }
  /** The human answered in the tool's place. */
  | { readonly what: 'answered'; readonly call: string; readonly output: string }
  /** It may not; or nobody decided in time. */
  | { readonly what: 'refused'; readonly call: string; readonly error: 'rejected' | 'expired' | 'denied'; readonly reason: string }
  /** A draft may be said as it is, or may not. */
  | { readonly what: 'output'; readonly draft: number; readonly approved: boolean }
  /** What a human put in the place of a draft: it is said in the gate's voice, and the engine is told. Sound at 16 kHz, empty for text alone. */
  | { readonly what: 'speak'; readonly text: string; readonly audio: Int16Array }
  /** Words may reach the engine, perhaps others than came. */
  | (InputWords & { readonly what: 'input' });
