import type { NoticeRow } from './records.ts';

/** A notice made ready for one channel. */
export type Parcel = {
  /** The delivery's id, the same at each try: receivers know by it what they have already. */
  readonly delivery: string;
  readonly channel: string;
  readonly notice: NoticeRow;
  /** The page in the console, as a whole address. */
  readonly link: string;
  /** The channel's address and keys, opened; empty for mail. */
  readonly endpoint: string;
};

/** Sends one parcel. Rejects with `DeliveryError` when it was in vain, and with the signal's reason when the server is stopping. */
export type Send = (parcel: Parcel, signal: AbortSignal) => Promise<void>;
