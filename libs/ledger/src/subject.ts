import type { LedgerEntry, LedgerEntryKind } from '@wheelhouse/protocol/ledger-entry';

/** Of each kind, the field that says what the entry is about; null where it is about the installation itself. */
const SUBJECT_FIELD: Readonly<Record<LedgerEntryKind, string | null>> = {
  'server.started': null,
  'server.stopped': null,
  'clock.stepped': null,
  'content.expired': null,
  'ceiling.changed': null,
  'person.joined': 'person',
  'voter.enrolled': 'person',
  'training.recorded': 'person',
  'proposal.opened': 'proposal',
  'vote.cast': 'proposal',
  'conflict.declared': 'proposal',
  'proposal.passed': 'proposal',
  'proposal.closed': 'proposal',
  'charter.adopted': 'proposal',
  'seat.appointed': 'proposal',
  'seat.recalled': 'proposal',
  'access.granted': 'proposal',
  'key.rotated': 'proposal',
  'seat.left': 'seat',
  'handover.announced': 'seat',
  'handover.accepted': 'seat',
  'handover.cancelled': 'seat',
  'absence.declared': 'absence',
  'absence.ended': 'absence',
  'delegation.given': 'delegation',
  'delegation.ended': 'delegation',
  'glass.asked': 'glass',
  'glass.signed': 'glass',
  'glass.broken': 'glass',
  'glass.ended': 'glass',
  'glass.reviewed': 'glass',
  'key.issued': 'key',
  'key.revoked': 'key',
  'session.opened': 'session',
  'session.attached': 'session',
  'session.segment': 'session',
  'session.ended': 'session',
  'content.kept': 'session',
  'content.read': 'session',
  'order.given': 'order',
  'order.applied': 'order',
  'order.observed': 'order',
  'release.asked': 'latch',
  'release.withdrawn': 'latch',
  'latch.released': 'latch',
  'release.applied': 'release',
  'erasure.asked': 'erasure',
  'erasure.withdrawn': 'erasure',
  'subject.erased': 'erasure',
  'hold.placed': 'hold',
  'hold.lifted': 'hold',
  'export.asked': 'export',
  'export.confirmed': 'export',
  'export.made': 'export',
  'export.failed': 'export',
  'export.fetched': 'export',
  'checkpoint.decided': 'session',
  'policy.adopted': 'bundle',
  'policy.rolled_back': 'bundle',
  'action.asked': 'action',
  'action.decided': 'action',
  'supervision.began': 'session',
  'supervision.ended': 'session',
  'help.asked': 'session',
  'session.handed_back': 'session',
};

/** What an entry is about: the key that it is searched by. */
export function subjectOf(entry: LedgerEntry): string | null {
  const field = SUBJECT_FIELD[entry.kind];
  const value: unknown = field === null ? null : new Map<string, unknown>(Object.entries(entry.data)).get(field);
  return typeof value === 'string' ? value : null;
}

/** The human who stands behind an entry: the person who acted, or the holder of the key that did; null where the server itself acted. */
export function personOf({ by }: LedgerEntry): string | null {
  return by.kind === 'system' ? null : (by.person ?? by.id);
}
