/** A delivery that was in vain. `message` is recorded: a few words of our own, without addresses, secrets or what the receiver wrote. */
export class DeliveryError extends Error {
  override readonly name = 'DeliveryError';
  /** The receiver is gone for good; nothing more is sent to it. */
  readonly gone: boolean;

  constructor(message: string, { gone = false, cause }: { readonly gone?: boolean; readonly cause?: unknown } = {}) {
    super(message, { cause });
    this.gone = gone;
  }
}

/** The code of a failed connection, such as ECONNREFUSED; null for errors without one. */
export function codeOf(error: unknown): string | null {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : null;
}
