import type { LedgerEntry } from '@wheelhouse/protocol/ledger-entry';

/** What an entry is about: the key that it is searched by. */
export function subjectOf(entry: LedgerEntry): string | null {
  switch (entry.kind) {
    case 'server.started':
    case 'server.stopped':
    case 'clock.stepped':
    case 'content.expired':
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
    case 'content.kept':
    case 'content.read':
      return entry.data.session;
    case 'order.given':
    case 'order.applied':
    case 'order.observed':
      return entry.data.order;
    case 'release.asked':
    case 'release.withdrawn':
    case 'latch.released':
      return entry.data.latch;
    case 'release.applied':
      return entry.data.release;
    case 'erasure.asked':
    case 'erasure.withdrawn':
    case 'subject.erased':
      return entry.data.erasure;
    case 'hold.placed':
    case 'hold.lifted':
      return entry.data.hold;
    case 'export.asked':
    case 'export.confirmed':
    case 'export.made':
    case 'export.failed':
    case 'export.fetched':
      return entry.data.export;
  }
}

/** The human who stands behind an entry: the person who acted, or the holder of the key that did; null where the server itself acted. */
export function personOf({ by }: LedgerEntry): string | null {
  return by.kind === 'system' ? null : (by.person ?? by.id);
}
