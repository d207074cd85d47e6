import type { RedactionProfile } from '@wheelhouse/protocol/field-class';
import { describe, expect, it } from 'vitest';
import type { BookedExport } from './export-book.ts';
import { shownRequest, WITHHELD } from './shown-request.ts';

const FILTER = {
  from: '2026-11-01T00:00:00.000Z',
  session: '0b7c0c0e-58a2-4d31-8f30-000000000001',
  person: 'ada',
  kind: 'order.given',
  deployment: 'relay',
} satisfies BookedExport['filter'];

function asked(profile: RedactionProfile, filter: BookedExport['filter'] = FILTER): BookedExport {
  return {
    id: '0b7c0c0e-58a2-4d31-8f30-000000000002',
    format: 'bundle',
    report: null,
    profile,
    filter,
    reason: 'Ada is said to have sworn',
    entry: 7,
    cause: '0b7c0c0e-58a2-4d31-8f30-000000000003',
    askedBy: { kind: 'person', id: 'ben', role: 'reviewer' },
    askedAt: '2026-11-02T00:00:00.000Z',
    confirmed: null,
    outcome: null,
  };
}

describe('what the file of an export shows of the request for it', () => {
  it.each([
    ['full', 'ada', 'relay', 'Ada is said to have sworn'],
    ['no-words', 'ada', 'relay', WITHHELD],
    ['no-people', WITHHELD, 'relay', WITHHELD],
    ['public', WITHHELD, WITHHELD, WITHHELD],
  ] as const)('is what the profile %s shows of entries', (profile, person, deployment, reason) => {
    const one = asked(profile);
    expect(shownRequest(one)).toEqual({ ...one, filter: { ...FILTER, person, deployment }, reason });
  });

  it('names no limit that was not set', () => {
    expect(shownRequest(asked('public', {})).filter).toEqual({});
  });
});
