/** Why model weights cannot be used: not there, not what the manifest says, or not to be had from the registry. */
export type WeightsErrorCode = 'missing' | 'corrupt' | 'fetch_failed';

/** The one error of the weights store. The message names the file and how to mend it. */
export class WeightsError extends Error {
  readonly code: WeightsErrorCode;
  readonly file: string;

  constructor(code: WeightsErrorCode, file: string, message: string) {
    super(message);
    this.name = 'WeightsError';
    this.code = code;
    this.file = file;
  }
}
