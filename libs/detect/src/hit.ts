import type { Finding } from '@wheelhouse/protocol/signals';

/** Something found in a text: characters `from` up to, not including, `to`. */
export type Hit = { readonly what: Finding; readonly from: number; readonly to: number };
