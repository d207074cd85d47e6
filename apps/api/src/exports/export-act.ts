import { ACROSS_TENANTS } from '@wheelhouse/access/abilities';
import { ExportRequest } from '@wheelhouse/protocol/export';
import { type ActOf, actPort } from '../charter/act-port.ts';
import { Refusal } from '../problem/refusal.ts';
import { withoutAbsent } from './entry-formats.ts';
import { needsConfirmation } from './export-book.ts';
import type { ExportDesk } from './export-desk.ts';

/** Making an export that shows everything. */
export function exportAct(desk: ExportDesk) {
  return actPort('record.export', {
    requireProposer: (by, act) => {
      desk.requireAsker(by, requestOf(act, '-'));
    },
    tenantOf: () => ACROSS_TENANTS,
    about: (act) => {
      const { format, report = null, profile, filter } = requestOf(act, '-');
      if (!needsConfirmation({ profile }))
        throw new Refusal('conflict', `An export with the profile ${profile} takes no proposal: POST /v1/exports.`);
      return { format, report, profile, filter: withoutAbsent(filter) };
    },
    preview: ({ format, report, filter }) => ({
      title: `Export ${report ?? 'the record'} as ${format}, with everything shown`,
      lines: [
        'It shows people, places and what people typed. Whoever has the file has all of that.',
        ...Object.entries(filter).map(([name, value]) => `Only ${name}: ${JSON.stringify(value)}`.slice(0, 500)),
      ],
      sessions: { count: 0, first: [] },
      deployments: { count: 0, first: [] },
    }),
    authors: () => [],
    begin: (act, file) => desk.begin(requestOf(act, file.reason), file),
    execute: (act, approval) => desk.approve(requestOf(act, approval.reason), approval),
  });
}

function requestOf({ format, report, profile, filter }: ActOf<'record.export'>, reason: string): ExportRequest {
  const parsed = ExportRequest.safeParse({ format, ...(report === null ? {} : { report }), profile, filter, reason });
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new Refusal('malformed', `The act can't be used: ${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'unknown'}.`);
}
