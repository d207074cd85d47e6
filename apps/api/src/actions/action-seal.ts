import { z } from 'zod';
import type { WordsVault } from '../content/words-vault.ts';
import type { ActionRow } from './action-row.ts';

const Asked = z.object({ arguments: z.json(), agent: z.string(), reason: z.string() });
const Outcome = z.union([z.strictObject({ arguments: z.json() }), z.strictObject({ answer: z.string() })]);

/** What somebody asked for: content, which stays out of the ledger. */
export type Asked = z.infer<typeof Asked>;
/** What a human made of it: other arguments, or an answer. */
export type Outcome = z.infer<typeof Outcome>;

/** Seals what actions are about under the keys of the people concerned: erasing a person erases what they asked. */
export class ActionSeal {
  readonly #vault: WordsVault;

  constructor(vault: WordsVault) {
    this.#vault = vault;
  }

  /** `asked` under the key of `subject`, which is made where there is none. */
  async asked(subject: string, asked: Asked): Promise<string> {
    await this.#vault.ensure([subject]);
    return this.#sealed(subject, asked);
  }

  outcome({ subject }: Pick<ActionRow, 'subject'>, outcome: Outcome): Promise<string> {
    return this.#vault.ensure([subject]).then(() => this.#sealed(subject, outcome));
  }

  async words(person: string, words: string): Promise<string> {
    await this.#vault.ensure([person]);
    return this.#sealed(person, words);
  }

  /** Null once its subject was erased. */
  openAsked({ subject, content }: Pick<ActionRow, 'subject' | 'content'>): Asked | null {
    const text = this.#vault.open(subject, content);
    return text === null ? null : Asked.parse(JSON.parse(text));
  }

  openOutcome({ subject, settled }: Pick<ActionRow, 'subject' | 'settled'>): Outcome | null {
    const text = settled?.outcome == null ? null : this.#vault.open(subject, settled.outcome);
    return text === null ? null : Outcome.parse(JSON.parse(text));
  }

  openWords(person: string, sealed: string): string | null {
    const text = this.#vault.open(person, sealed);
    return text === null ? null : z.string().parse(JSON.parse(text));
  }

  #sealed(subject: string, content: unknown): string {
    const sealed = this.#vault.seal(subject, JSON.stringify(content));
    if (sealed === null) throw new Error('The key that this is to be sealed under is not at hand.');
    return sealed;
  }
}
