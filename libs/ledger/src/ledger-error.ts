/** Why a call to this library was a mistake of the caller's. What may come from outside is refused with a value instead. */
export type LedgerErrorCode =
  | 'out_of_range'
  | 'bad_hash_length'
  | 'bad_range'
  | 'bad_tile'
  | 'bad_note'
  | 'bad_checkpoint'
  | 'entry_not_encodable'
  | 'entry_too_large'
  | 'bad_tick_evidence';

/** The only exception that this library throws. */
export class LedgerError extends Error {
  readonly code: LedgerErrorCode;

  constructor(code: LedgerErrorCode, message: string) {
    super(message);
    this.name = 'LedgerError';
    this.code = code;
  }
}
