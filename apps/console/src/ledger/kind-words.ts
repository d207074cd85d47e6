import { isEntryKind, type LedgerEntryKind } from '@wheelhouse/protocol/ledger-entry';

const ORDERS = 'Orders and releases';
const SESSIONS = 'Sessions';
const CONTENT = 'Recorded content';
const EXPORTS = 'Exports';
const PEOPLE = 'People and keys';
const POLICY = 'Policy and actions';
const APPROVALS = 'Approvals';
const SEATS = 'Charter and seats';
const GLASS = 'Break glass';
const SERVER = 'Server';

/** What each kind of entry is called, and the group in which people look for it. */
const KINDS: Readonly<Record<LedgerEntryKind, readonly [group: string, words: string]>> = {
  'order.given': [ORDERS, 'Order given'],
  'order.applied': [ORDERS, 'Order took effect'],
  'order.observed': [ORDERS, 'Order observed'],
  'release.asked': [ORDERS, 'Release asked for'],
  'release.withdrawn': [ORDERS, 'Release withdrawn'],
  'latch.released': [ORDERS, 'Latch released'],
  'release.applied': [ORDERS, 'Gates opened'],
  'session.opened': [SESSIONS, 'Session opened'],
  'session.attached': [SESSIONS, 'Client attached'],
  'session.segment': [SESSIONS, 'Tick evidence'],
  'session.ended': [SESSIONS, 'Session ended'],
  'content.kept': [CONTENT, 'Content kept'],
  'content.read': [CONTENT, 'Content looked at'],
  'content.expired': [CONTENT, 'Content deleted in time'],
  'erasure.asked': [CONTENT, 'Erasure asked for'],
  'erasure.withdrawn': [CONTENT, 'Erasure withdrawn'],
  'subject.erased': [CONTENT, 'Person erased'],
  'hold.placed': [CONTENT, 'Legal hold placed'],
  'hold.lifted': [CONTENT, 'Legal hold lifted'],
  'export.asked': [EXPORTS, 'Export asked for'],
  'export.confirmed': [EXPORTS, 'Export confirmed'],
  'export.made': [EXPORTS, 'Export made'],
  'export.failed': [EXPORTS, 'Export failed'],
  'export.fetched': [EXPORTS, 'Export fetched'],
  'person.joined': [PEOPLE, 'Person joined'],
  'key.issued': [PEOPLE, 'Key issued'],
  'key.revoked': [PEOPLE, 'Key revoked'],
  'proposal.opened': [APPROVALS, 'Proposal opened'],
  'vote.cast': [APPROVALS, 'Vote cast'],
  'conflict.declared': [APPROVALS, 'Conflict of interest declared'],
  'proposal.passed': [APPROVALS, 'Proposal passed'],
  'proposal.closed': [APPROVALS, 'Proposal closed'],
  'voter.enrolled': [APPROVALS, 'Passkey counts for votes'],
  'access.granted': [APPROVALS, 'Access granted'],
  'key.rotated': [APPROVALS, 'Key rotated'],
  'training.recorded': [APPROVALS, 'Training recorded'],
  'charter.adopted': [SEATS, 'Charter adopted'],
  'seat.appointed': [SEATS, 'Seat given'],
  'seat.recalled': [SEATS, 'Recalled from a seat'],
  'seat.left': [SEATS, 'Stepped down from a seat'],
  'handover.announced': [SEATS, 'Handover announced'],
  'handover.accepted': [SEATS, 'Handover accepted'],
  'handover.cancelled': [SEATS, 'Handover called off'],
  'absence.declared': [SEATS, 'Absence declared'],
  'absence.ended': [SEATS, 'Absence ended'],
  'delegation.given': [SEATS, 'Vote delegated'],
  'delegation.ended': [SEATS, 'Delegation ended'],
  'ceiling.changed': [SEATS, 'Ceiling on levels changed'],
  'glass.asked': [GLASS, 'Break glass asked for'],
  'glass.signed': [GLASS, 'Break glass signed'],
  'glass.broken': [GLASS, 'Glass broken'],
  'glass.ended': [GLASS, 'Break glass over'],
  'glass.reviewed': [GLASS, 'Break glass reviewed'],
  'checkpoint.decided': [POLICY, 'Checkpoint decided'],
  'policy.adopted': [POLICY, 'Policy adopted'],
  'policy.rolled_back': [POLICY, 'Policy rolled back'],
  'action.asked': [POLICY, 'Action asked for'],
  'action.decided': [POLICY, 'Action decided'],
  'supervision.began': [ORDERS, 'Supervision began'],
  'supervision.ended': [ORDERS, 'Supervision ended'],
  'help.asked': [ORDERS, 'Engine asked for a human'],
  'session.handed_back': [ORDERS, 'Handed back to the engine'],
  'server.started': [SERVER, 'Server started'],
  'server.stopped': [SERVER, 'Server stopped'],
  'clock.stepped': [SERVER, 'Clock was set'],
};

export type KindGroup = { readonly name: string; readonly kinds: readonly string[] };

export const KIND_GROUPS: readonly KindGroup[] = [ORDERS, POLICY, APPROVALS, SEATS, GLASS, SESSIONS, CONTENT, EXPORTS, PEOPLE, SERVER].map(
  (name) => ({
    name,
    kinds: Object.entries(KINDS).flatMap(([kind, [group]]) => (group === name ? [kind] : [])),
  }),
);

/** A kind in words; one that a newer server writes keeps its own name. */
export function kindInWords(kind: string): string {
  return isEntryKind(kind) ? KINDS[kind][1] : kind;
}
