import type { ExportProblem } from '@wheelhouse/protocol/export';

/** Why an export could not be made, in words that tell what to do. */
const WORDS: Readonly<Record<ExportProblem, string>> = {
  disk_full: 'There was no room left on the disk for the file. Nothing of it was kept. Make room, and ask again.',
  no_head:
    'There was no signed tree head that covers the request: too few witnesses answer. Ask again when they do (GET /v1/ledger/witnesses).',
  ledger_altered: 'What the database holds does not lead to the signed tree head. Nothing was exported. Run npx wheelhouse verify.',
  internal: 'It failed on our side. The log of the server has the cause.',
};

export function problemInWords(code: string): string {
  return new Map<string, string>(Object.entries(WORDS)).get(code) ?? WORDS.internal;
}

/** An export can't be made, for a reason that whoever asked should know. */
export class ExportError extends Error {
  override readonly name = 'ExportError';
  readonly problem: ExportProblem;

  constructor(problem: ExportProblem, cause?: unknown) {
    super(WORDS[problem], { cause });
    this.problem = problem;
  }
}
