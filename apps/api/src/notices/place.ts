import type { Before } from './records.ts';

/** A cursor: the time of the last one of a page, in milliseconds since 1970, and its id. */
export function placeOf(cursor: string | null): Before | null {
  if (cursor === null) return null;
  const [at = '', id = ''] = cursor.split('_');
  return { at: new Date(Number(at)), id };
}

/** The cursor behind a page; null when nothing follows. */
export function placeAfter(page: readonly { readonly createdAt: Date; readonly id: string }[], isMore: boolean): string | null {
  const last = page.at(-1);
  return isMore && last !== undefined ? `${last.createdAt.getTime()}_${last.id}` : null;
}
