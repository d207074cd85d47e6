/** One line at a terminal that says how far something is; silent where nobody watches. */
export class ProgressLine {
  readonly #out: NodeJS.WriteStream;
  readonly #silent: boolean;
  #last = '';

  constructor(out: NodeJS.WriteStream, silent: boolean) {
    this.#out = out;
    this.#silent = silent || !out.isTTY;
  }

  /** `part` from 0 to 1; at 1 the line is ended. */
  show(what: string, part: number): void {
    if (this.#silent) return;
    const filled = Math.round(part * 30);
    const line = `${what.padEnd(12)} [${'#'.repeat(filled)}${'.'.repeat(30 - filled)}] ${String(Math.floor(part * 100)).padStart(3)} %`;
    if (line === this.#last) return;
    this.#last = line;
    this.#out.write(`\r${line}${part >= 1 ? '\n' : ''}`);
  }
}
