/** A value that JSON text may hold, as it comes: nothing is known of it. */
export function parseJson(text: string, what: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new Error(`${what} is not JSON: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
  return fieldsOf(value, what);
}

/** The fields of an object; throws in words for who wrote the file. */
export function fieldsOf(value: unknown, what: string): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new Error(`${what} is not an object.`);
  return { ...value };
}

export const numberOr = (value: unknown, otherwise: number): number =>
  typeof value === 'number' && Number.isFinite(value) ? value : otherwise;

/** The list of numbers in `value`, or the same number `length` times. */
export function numbersOr(value: unknown, otherwise: readonly number[]): readonly number[] {
  if (!Array.isArray(value)) return otherwise;
  const numbers = value.filter((one) => typeof one === 'number');
  return numbers.length === otherwise.length ? numbers : otherwise;
}
