import { type Model, type ModelRequest, type ModelResponse, Usage } from '@openai/agents-core';

type Item = ModelResponse['output'][number];

/**
 * Stands in for a language model, so that the example runs without one: it always wants the same refund, and then says what came of it. To use a real one, leave
 * `model` out of the agent and set OPENAI_API_KEY (with the package @openai/agents).
 */
export class Planner implements Model {
  readonly #wanted: { readonly order: string; readonly amount: number };

  constructor(wanted: { readonly order: string; readonly amount: number }) {
    this.#wanted = wanted;
  }

  getResponse({ input }: ModelRequest): Promise<ModelResponse> {
    const last = typeof input === 'string' ? undefined : input.at(-1);
    const output: Item[] = last?.type === 'function_call_result' ? [said(textOf(last.output))] : [this.#call()];
    return Promise.resolve({ usage: new Usage(), output });
  }

  /** The runner streams only when it is asked to, and nobody asks here. */
  getStreamedResponse(): ReturnType<Model['getStreamedResponse']> {
    const next = () => Promise.reject(new Error('This planner does not stream.'));
    return { [Symbol.asyncIterator]: () => ({ next }) };
  }

  #call(): Item {
    return { type: 'function_call', callId: 'call-1', name: 'refund', status: 'completed', arguments: JSON.stringify(this.#wanted) };
  }
}

function said(text: string): Item {
  return { type: 'message', role: 'assistant', status: 'completed', content: [{ type: 'output_text', text }] };
}

function textOf(output: unknown): string {
  if (typeof output === 'string') return output;
  return typeof output === 'object' && output !== null && 'text' in output ? String(output.text) : JSON.stringify(output);
}
