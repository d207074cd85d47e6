/**
 * Why hearing or speaking gave nothing: the worker died, did not answer in time, has too much to do, refused the request, or the model gave
 * something that is not speech.
 */
export type SpeechErrorCode = 'worker_died' | 'timed_out' | 'overloaded' | 'bad_request' | 'model_failed' | 'closed';

/** The one error of local hearing and speaking. The conversation goes on without the result. */
export class SpeechError extends Error {
  readonly code: SpeechErrorCode;

  constructor(code: SpeechErrorCode, message: string) {
    super(message);
    this.name = 'SpeechError';
    this.code = code;
  }
}
