import type { FieldClass } from '@wheelhouse/protocol/field-class';

/** What fields are called where their own name says too little. */
const NAMES: ReadonlyMap<string, string> = new Map(
  Object.entries({
    time: 'When, by the wall clock',
    clock: 'When, in µs since the server started',
    cause: 'Led to by entry',
    policy: 'Policy that decided',
    charter: 'Charter that decided',
    'by.id': 'Who',
    'by.kind': 'Who is a',
    'by.person': 'Person behind the key',
    'by.role': 'Role',
    'by.seat': 'For the seat',
    'data.gateClosedUs': 'Gates closed after, µs',
    'data.lastByteUs': 'Last byte out after, µs',
    'data.covered': 'Sessions covered',
    'data.fromTick': 'From tick',
    'data.toTick': 'To tick',
    'data.lastTick': 'Last tick',
    'data.receivedAt': 'Received',
    'data.askedBy': 'Asked for by',
    'data.stoppedCleanly': 'Stopped cleanly before',
    'data.treeSize': 'Entries in the tree',
    'data.retainUntil': 'Kept until',
    'data.byMs': 'By, in ms',
    'data.sessions': 'In each session',
    'data.previous': 'Head of the chain before',
    'data.head': 'Head of the chain',
    'data.ticks': 'Digests of the ticks',
    'data.out': 'Frames out',
    'data.executeBy': 'To be carried out by',
    'data.about': 'Digest of what it is about',
    'data.seconds': 'In view for, s',
    'data.evidence': 'Evidence opened',
    'data.endsAt': 'Time box ends',
    'data.reviewDueAt': 'Review due by',
    'data.skipped': 'Whose votes were not asked',
    'data.charterText': 'Text of the charter',
    'data.fromTime': 'From',
    'data.effectiveAt': 'Takes effect',
  }),
);

export function fieldInWords(name: string): string {
  const plain = name.slice(name.indexOf('.') + 1);
  return NAMES.get(name) ?? plain.charAt(0).toUpperCase() + plain.slice(1);
}

/** What a class of fields gives away. */
export const CLASS_WORDS: Readonly<Record<FieldClass, string>> = {
  fact: 'facts',
  evidence: 'evidence',
  place: 'whose and where',
  person: 'people',
  words: 'what people typed',
};
