import { z } from 'zod';
import { pageOf } from './page.ts';

const count = z.number().int().min(0);

/** A signed tree head, as `GET /v1/ledger/heads` lists it. `checkpoint` is the C2SP text, with the cosignatures that were published under it. */
export const LedgerHead = z.object({ size: count, root: z.base64(), signedAt: z.iso.datetime(), checkpoint: z.string() });
export type LedgerHead = z.infer<typeof LedgerHead>;
export const LedgerHeads = pageOf(LedgerHead);

/** An entry that another one is linked with. */
export const LinkedEntry = z.object({ index: count, id: z.uuid(), kind: z.string() });
export type LinkedEntry = z.infer<typeof LinkedEntry>;

/** `GET /v1/ledger/entries/:index/links`: the entry that it names as its cause, and those that name it as theirs, in order. */
export const EntryLinks = z.object({ cause: LinkedEntry.nullable(), followed: z.array(LinkedEntry) });
export type EntryLinks = z.infer<typeof EntryLinks>;
