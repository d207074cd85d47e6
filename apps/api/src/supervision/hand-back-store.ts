import { Actor } from '@wheelhouse/protocol/identity';
import { z } from 'zod';
import type { WordsVault } from '../content/words-vault.ts';

const FILE = 'hand-backs.json';

/** Where the file lies: the data folder. */
export type HandBackFolder = {
  readonly read: (name: string) => string | null;
  /** Resolves when the text would survive a power cut. */
  readonly keep: (name: string, text: string) => Promise<void>;
};

/** A summary that an engine has not been told yet. `digest`: SHA-256 of it, base64; `due`: the latch was released, under `release`. */
const Waiting = z.strictObject({
  release: z.uuid(),
  latch: z.uuid(),
  session: z.uuid(),
  by: Actor,
  digest: z.base64(),
  due: z.boolean(),
});
export type Waiting = z.infer<typeof Waiting>;
const Stored = z.array(Waiting.extend({ subject: z.string(), sealed: z.base64() }));

type Kept = { waiting: Waiting; readonly summary: string; readonly sealed: string | null };

/**
 * The summaries that wait for their engine: words of a person, so sealed under that person's key and kept beside the ledger, which has their digest. They
 * survive a restart; of somebody who was erased meanwhile nothing can be read any more, and the engine is told nothing.
 */
export class HandBackStore {
  readonly #folder: HandBackFolder;
  readonly #vault: WordsVault;
  readonly #kept = new Map<string, Kept>();
  #turn: Promise<void> = Promise.resolve();

  constructor(folder: HandBackFolder, vault: WordsVault) {
    this.#folder = folder;
    this.#vault = vault;
  }

  /** Reads back what waited when the server stopped. Returns how many could not be read any more, and are dropped. */
  load(): number {
    const text = this.#folder.read(FILE);
    if (text === null) return 0;
    const stored = Stored.parse(JSON.parse(text));
    for (const { subject, sealed, ...waiting } of stored) {
      const summary = this.#vault.open(subject, sealed);
      if (summary !== null) this.#kept.set(waiting.release, { waiting, summary, sealed });
    }
    return stored.length - this.#kept.size;
  }

  all(): Waiting[] {
    return [...this.#kept.values()].map(({ waiting }) => waiting);
  }

  get(release: string): Waiting | undefined {
    return this.#kept.get(release)?.waiting;
  }

  summary(release: string): string | null {
    return this.#kept.get(release)?.summary ?? null;
  }

  /** Keeps a summary. False where it is in memory only: there is no key to seal it with, or the disk does not take it. */
  async put(waiting: Waiting, summary: string): Promise<boolean> {
    const subject = subjectOf(waiting.by);
    const sealed = await this.#vault.ensure([subject]).then(
      () => this.#vault.seal(subject, summary),
      () => null,
    );
    this.#kept.set(waiting.release, { waiting, summary, sealed });
    if (sealed === null) return false;
    return this.#write().then(
      () => true,
      () => false,
    );
  }

  /** The latch was released, under this release; rejects where the disk does not take it, which changes nothing in memory. */
  due(waiting: Waiting, release: string): Promise<void> {
    const kept = this.#kept.get(waiting.release);
    if (kept === undefined) return Promise.resolve();
    this.#kept.delete(waiting.release);
    this.#kept.set(release, { ...kept, waiting: { ...waiting, release, due: true } });
    return this.#write();
  }

  remove(release: string): Promise<void> {
    return this.#kept.delete(release) ? this.#write() : Promise.resolve();
  }

  /** One write after the other, each of how things stand when its turn comes. */
  #write(): Promise<void> {
    const work = this.#turn.then(() => {
      const stored = [...this.#kept.values()].flatMap(({ waiting, sealed }) =>
        sealed === null ? [] : [{ ...waiting, subject: subjectOf(waiting.by), sealed }],
      );
      return this.#folder.keep(FILE, JSON.stringify(stored));
    });
    this.#turn = work.catch(() => undefined);
    return work;
  }
}

function subjectOf(by: Actor): string {
  return by.person ?? by.id;
}
