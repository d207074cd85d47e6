import type { DataFolder } from '@wheelhouse/installation/data-folder';
import { KEY_FILE, type MasterKey, type MasterKeySettings, newKeyText, NEXT_KEY_FILE, nextMasterKey, settingOf } from './master-key.ts';

/** The file that the master key is in, and the one beside it with the key that is to take its place. */
export class MasterKeyFile {
  readonly #setting: string | null;
  readonly #folder: DataFolder;

  constructor(settings: MasterKeySettings, folder: DataFolder) {
    this.#setting = settingOf(settings);
    this.#folder = folder;
  }

  /** The setting that the master key comes from, and which this server can't change; null where the key is the file in the data folder. */
  get setting(): string | null {
    return this.#setting;
  }

  /** The key that is to take the present one's place; null where none was made, or the master key comes from a setting. */
  next(): MasterKey | null {
    return this.#setting === null ? nextMasterKey(this.#folder) : null;
  }

  /** Makes a key and writes it down for good, before anything says that it counts. */
  async makeNext(): Promise<MasterKey> {
    await this.#folder.keep(NEXT_KEY_FILE, `${newKeyText()}\n`);
    const next = nextMasterKey(this.#folder);
    if (next === null) throw new Error(`${NEXT_KEY_FILE} is not what was written to it`);
    return next;
  }

  /** Takes back a key that never counted. */
  dropNext(): void {
    this.#folder.remove(NEXT_KEY_FILE);
  }

  /** Puts the next key in the present one's place, which is gone then. Only once nothing is wrapped by the present one any more. */
  async useNext(): Promise<void> {
    await this.#folder.replace(KEY_FILE, NEXT_KEY_FILE);
  }
}
