import { shows } from '@wheelhouse/protocol/field-class';
import type { BookedExport } from './export-book.ts';

/** What stands in place of a part of the request that the export's own profile does not show. */
export const WITHHELD = '(withheld)';

/**
 * The request for an export as its file may show it. What it was limited to, and why it was asked for, gives away what the profile leaves out of the
 * entries. A part that is withheld stays a part, so that the file does not look as if it covered more than it does.
 */
export function shownRequest(one: BookedExport): BookedExport {
  const { profile, filter, reason } = one;
  const seen = (text: string, ...fields: string[]) => (fields.every((field) => shows(profile, field)) ? text : WITHHELD);
  const { person, deployment } = filter;
  return {
    ...one,
    filter: {
      ...filter,
      ...(person === undefined ? {} : { person: seen(person, 'by.id', 'data.person') }),
      ...(deployment === undefined ? {} : { deployment: seen(deployment, 'data.deployment') }),
    },
    reason: seen(reason, 'data.reason'),
  };
}
