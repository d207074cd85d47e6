// The package's own declarations import without file endings, which NodeNext does not resolve. This is what we use of it (0.2.0).
declare module '@huggingface/tokenizers' {
  export class Tokenizer {
    constructor(tokenizer: object, config: object);
    encode(text: string, options?: { add_special_tokens?: boolean }): { ids: number[] };
  }
}
