import { z } from 'zod';

/** Level of autonomy, named after the human's role: 1 operator, 2 collaborator, 3 consultant, 4 approver, 5 observer. */
export const Level = z.union([z.literal(1), z.literal(2), z.literal(3), z.literal(4), z.literal(5)]);
export type Level = z.infer<typeof Level>;

export const LEVEL_NAMES: Readonly<Record<Level, string>> = {
  1: 'operator',
  2: 'collaborator',
  3: 'consultant',
  4: 'approver',
  5: 'observer',
};

/** The lower of two levels: the one that leaves more to the human. */
export function lowerLevel(a: Level, b: Level): Level {
  return a < b ? a : b;
}
