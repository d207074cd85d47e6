/** What the process ends with; `help` lists them. */
export const EXIT = { fine: 0, fault: 1, usage: 2, failed: 3, unanchored: 4 } as const;
export type Exit = (typeof EXIT)[keyof typeof EXIT];

/** Something that a person at a terminal can mend; told in words, without a stack. */
export class CliError extends Error {
  override readonly name = 'CliError';
  readonly exit: Exit;

  constructor(exit: Exit, message: string, cause?: unknown) {
    super(message, { cause });
    this.exit = exit;
  }
}

export function usage(message: string): CliError {
  return new CliError(EXIT.usage, `${message}\nnpx wheelhouse help lists the commands.`);
}

export function failed(message: string, cause?: unknown): CliError {
  return new CliError(EXIT.failed, cause === undefined ? message : `${message}: ${causeOf(cause)}`, cause);
}

/** An error in words. A refused connection is an `AggregateError`, whose own message is empty. */
export function causeOf(error: unknown): string {
  if (error instanceof AggregateError && error.message === '') return error.errors.map(causeOf).join(', ');
  return error instanceof Error ? error.message : String(error);
}
