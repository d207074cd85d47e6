/** Bytes `from` to `to`, both in. */
export type ByteRange = { readonly from: number; readonly to: number };

/**
 * What a `Range` header asks of a file of `size` bytes (RFC 9110 section 14): a range, `whole` where it is to be passed over (absent, of another
 * unit, of several ranges), or `beyond` where nothing of it is there.
 */
export function rangeOf(header: string | undefined, size: number): ByteRange | 'whole' | 'beyond' {
  const match = /^bytes=(\d*)-(\d*)$/.exec(header?.trim() ?? '');
  const [, first = '', last = ''] = match ?? [];
  if (match === null || (first === '' && last === '')) return 'whole';
  if (first === '') {
    const length = Math.min(Number(last), size);
    return length === 0 ? 'beyond' : { from: size - length, to: size - 1 };
  }
  const from = Number(first);
  const to = last === '' ? size - 1 : Math.min(Number(last), size - 1);
  // A last byte before the first is no range at all.
  if (last !== '' && Number(last) < from) return 'whole';
  return from >= size ? 'beyond' : { from, to };
}
