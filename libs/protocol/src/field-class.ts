/**
 * What a field of an entry gives away, which decides who gets to see it:
 * `fact` (kinds, times, counts, roles), `evidence` (digests, ticks, random ids), `place` (whose and which deployment),
 * `person` (ids of people, of their keys and of data subjects), `words` (what people typed).
 */
export const FIELD_CLASSES = ['fact', 'evidence', 'place', 'person', 'words'] as const;
export type FieldClass = (typeof FIELD_CLASSES)[number];

const CLASS_OF: ReadonlyMap<string, FieldClass> = new Map(
  Object.entries({
    fact: [
      ...['time', 'clock', 'policy', 'charter', 'by.kind', 'by.role'],
      ...['version', 'node', 'stoppedCleanly', 'byMs', 'role', 'scopes', 'level', 'lost', 'withheld', 'late', 'number', 'kind'].map(data),
      ...['receivedAt', 'gateClosedUs', 'lastByteUs', 'covered', 'part', 'what', 'retainUntil', 'retention', 'pieces'].map(data),
      ...['format', 'report', 'profile', 'bytes', 'entries', 'treeSize', 'problem'].map(data),
      ...['power', 'practice', 'choice', 'seconds', 'evidence', 'passedAt', 'executeBy', 'outcome', 'grant'].map(data),
      ...['effectiveAt', 'fromTime', 'until', 'endsAt', 'reviewDueAt'].map(data),
      ...['checkpoint', 'verdict', 'policies', 'times', 'verb', 'tool', 'bundleText', 'problems', 'body'].map(data),
    ],
    evidence: [
      'cause',
      ...['session', 'fromTick', 'toTick', 'previous', 'ticks', 'head', 'out', 'lastTick', 'order', 'sessions', 'text'].map(data),
      ...['release', 'latch', 'content', 'digest', 'fromMs', 'toMs', 'hold', 'export', 'root', 'erasure', 'fingerprint'].map(data),
      ...['proposal', 'vote', 'about', 'absence', 'delegation', 'glass', 'emergency', 'name', 'seal', 'practiceSalt'].map(data),
      ...['tick', 'bundle', 'action', 'edited', 'supervision', 'replaced'].map(data),
    ],
    place: ['by.seat', ...['tenant', 'deployment', 'model', 'scope', 'seat', 'rpId', 'origin', 'because'].map(data)],
    // `record` is not words, though its consent is typed: words are encrypted for whoever typed them, and a session must outlive that person's erasure.
    person: [
      ...['by.id', 'by.person', ...['person', 'key', 'askedBy', 'subject', 'filter', 'record'].map(data)],
      ...[
        'publicKey',
        'signed',
        'earlier',
        'act',
        'preview',
        'authors',
        'charterText',
        'holder',
        'alternates',
        'to',
        'skipped',
        'request',
      ].map(data),
      'data.term',
    ],
    words: ['data.reason'],
  } satisfies Record<FieldClass, string[]>).flatMap(([name, fields]) => fields.map((field) => [field, asClass(name)] as const)),
);

function data(key: string): string {
  return `data.${key}`;
}

function asClass(name: string): FieldClass {
  return FIELD_CLASSES.find((each) => each === name) ?? 'words';
}

/** A field nobody has classed is treated as the most private. */
export function classOf(field: string): FieldClass {
  return CLASS_OF.get(field) ?? 'words';
}

export function isClassed(field: string): boolean {
  return CLASS_OF.has(field);
}

/** What an export shows. Whatever a profile leaves out is redacted: its commitment stays, so that the entry still verifies. */
export const REDACTION_PROFILES = {
  /** Everything. */
  full: ['fact', 'evidence', 'place', 'person', 'words'],
  /** Everything but what people typed. */
  'no-words': ['fact', 'evidence', 'place', 'person'],
  /** What happened where, but not who did it or to whom. */
  'no-people': ['fact', 'evidence', 'place'],
  /** What can be shown to anybody: that it happened, when, and what proves it. */
  public: ['fact', 'evidence'],
} as const satisfies Record<string, readonly FieldClass[]>;
export type RedactionProfile = keyof typeof REDACTION_PROFILES;
export const REDACTION_PROFILE_NAMES = ['full', 'no-words', 'no-people', 'public'] as const satisfies readonly RedactionProfile[];

/** Whether a profile shows a field. */
export function shows(profile: RedactionProfile, field: string): boolean {
  return REDACTION_PROFILES[profile].some((each) => each === classOf(field));
}
