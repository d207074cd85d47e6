/**
 * What is wrong with a message between server and engine: it claims more than allowed, ends too early or has bytes left over, is of no known
 * type or version, or carries a value that no message may have.
 */
export type EngineWireErrorCode = 'too_large' | 'wrong_length' | 'unknown_type' | 'bad_value';

/** The one error of the engine wire. The peer that sent it cannot be trusted to frame what comes next: close the connection. */
export class EngineWireError extends Error {
  readonly code: EngineWireErrorCode;

  constructor(code: EngineWireErrorCode, message: string) {
    super(message);
    this.name = 'EngineWireError';
    this.code = code;
  }
}
