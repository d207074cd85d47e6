import type { LedgerEntry } from '@wheelhouse/protocol/ledger-entry';

/** What an entry is about: the key that it is searched by. */
export function subjectOf(entry: LedgerEntry): string | null {
  switch (entry.kind) {
    case 'server.started':
    case 'server.stopped':
      return null;
    case 'person.joined':
      return entry.data.person;
    case 'key.issued':
    case 'key.revoked':
      return entry.data.key;
    case 'session.opened':
    case 'session.attached':
    case 'session.segment':
    case 'session.ended':
      return entry.data.session;
    case 'order.given':
    case 'order.applied':
      return entry.data.order;
    case 'release.asked':
    case 'release.withdrawn':
    case 'latch.released':
      return entry.data.latch;
  }
}
