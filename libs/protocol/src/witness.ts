import { z } from 'zod';

/** How one witness fares. `trouble` is why it has not cosigned lately; null while it answers. */
export const Witness = z.object({
  name: z.string(),
  /** Its C2SP verifier key. */
  key: z.string(),
  /** The largest head of this log that it has cosigned for this server since it started, and when; null before the first. */
  cosigned: z.object({ size: z.number().int(), time: z.iso.datetime() }).nullable(),
  trouble: z.string().nullable(),
  /** It has cosigned, or was shown, another log of this name and key. */
  forkSuspected: z.boolean(),
});
export type Witness = z.infer<typeof Witness>;

/** `GET /v1/ledger/witnesses`: `published` is the size at `/log/checkpoint`, `signed` that of the latest head. */
export const WitnessReport = z.object({
  quorum: z.number().int(),
  signed: z.number().int(),
  published: z.number().int().nullable(),
  witnesses: z.array(Witness),
});
export type WitnessReport = z.infer<typeof WitnessReport>;
