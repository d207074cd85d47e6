import { z } from 'zod';

/**
 * Words from outside that are kept. Lone surrogates have no UTF-8, so the ledger could not hash them; PostgreSQL's text holds no NUL. Both
 * are refused at the door, where the sender can still be told.
 */
export function plainText(most: number) {
  return z
    .string()
    .max(most)
    .refine((text) => text.isWellFormed() && !text.includes('\0'), 'has a NUL or half a character in it');
}
