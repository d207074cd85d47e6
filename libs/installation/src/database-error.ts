/** The database can't be used; the message says why, and what a person can do about it. */
export class DatabaseError extends Error {
  override readonly name = 'DatabaseError';
}
