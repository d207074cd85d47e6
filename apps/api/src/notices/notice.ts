import type { NoticeKind } from '@wheelhouse/protocol/notice';
import { z } from 'zod';

/** What people are to be told. It leaves the house, so it says that something waits and where, and never what somebody wrote. */
export type Notice = {
  readonly kind: NoticeKind;
  /** One line in Wheelhouse's own words: never typed words, names of data subjects, secrets. At most 200 characters. */
  readonly title: string;
  /** A page of the console, such as /approvals/ID. */
  readonly path: string;
  readonly urgent: boolean;
  /** The same key to the same person is sent once. At most 200 characters. */
  readonly key: string;
};

/** Control characters, line ends among them: a title stands in the header of a mail. */
const CONTROL = /\p{Cc}/u;

/** What every notice has to be; one that is not is a bug of its sender. */
export const NoticeShape = z.object({
  title: z
    .string()
    .min(1)
    .max(200)
    .refine((title) => !CONTROL.test(title), 'has more than one line'),
  path: z
    .string()
    .regex(/^\/(?![/\\])[^\s\\]*$/)
    .max(500),
  key: z.string().min(1).max(200),
});
