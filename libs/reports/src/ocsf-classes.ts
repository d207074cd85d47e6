/** The version of the OCSF schema that events are written in (schema.ocsf.io, released August 2026: the first with `record_integrity`). */
export const OCSF_VERSION = '1.9.0';

/** The classes that entries are mapped to, with what each must have beyond the base event, and the activities that are used. */
export const OCSF_CLASSES = {
  base: { uid: 0, name: 'Base Event', category: [0, 'Uncategorized'], required: [], activities: { 99: 'Other' } },
  account: {
    uid: 3001,
    name: 'Account Change',
    category: [3, 'Identity & Access Management'],
    required: ['user'],
    activities: { 1: 'Create' },
  },
  entity: {
    uid: 3004,
    name: 'Entity Management',
    category: [3, 'Identity & Access Management'],
    required: ['entity'],
    activities: { 1: 'Create', 3: 'Update', 4: 'Delete', 12: 'Suspend', 13: 'Resume' },
  },
  lifecycle: {
    uid: 6002,
    name: 'Application Lifecycle',
    category: [6, 'Application Activity'],
    required: ['app'],
    activities: { 3: 'Start', 4: 'Stop' },
  },
  api: {
    uid: 6003,
    name: 'API Activity',
    category: [6, 'Application Activity'],
    required: ['actor', 'api', 'src_endpoint'],
    activities: { 1: 'Create', 2: 'Read', 3: 'Update', 4: 'Delete', 99: 'Other' },
  },
} as const satisfies Record<string, OcsfClass>;

export type OcsfClassName = keyof typeof OCSF_CLASSES;

type OcsfClass = {
  readonly uid: number;
  readonly name: string;
  readonly category: readonly [uid: number, name: string];
  readonly required: readonly string[];
  readonly activities: Readonly<Record<number, string>>;
};

/** What every event must have, whatever its class. */
export const OCSF_BASE_REQUIRED = ['activity_id', 'category_uid', 'class_uid', 'metadata', 'severity_id', 'time', 'type_uid'] as const;

/** Where a kind of entry goes: class, activity, and what is acted on. */
export type OcsfPlace = { readonly of: OcsfClassName; readonly activity: number; readonly target: string | null };

const PLACES: ReadonlyMap<string, OcsfPlace> = new Map(
  Object.entries({
    'server.started': ['lifecycle', 3, null],
    'server.stopped': ['lifecycle', 4, null],
    'clock.stepped': ['base', 99, null],
    'person.joined': ['account', 1, 'person'],
    'key.issued': ['entity', 1, 'key'],
    'key.revoked': ['entity', 4, 'key'],
    'key.rotated': ['entity', 3, 'key'],
    'session.opened': ['api', 1, 'session'],
    'session.attached': ['api', 3, 'session'],
    'session.segment': ['api', 99, 'session'],
    'session.ended': ['api', 4, 'session'],
    'order.given': ['entity', 12, 'order'],
    'order.applied': ['api', 99, 'order'],
    'order.observed': ['api', 99, 'order'],
    'release.asked': ['api', 1, 'release'],
    'release.withdrawn': ['api', 4, 'release'],
    'latch.released': ['entity', 13, 'latch'],
    'release.applied': ['api', 99, 'release'],
    'content.kept': ['api', 1, 'content'],
    'content.expired': ['api', 4, null],
    'content.read': ['api', 2, 'session'],
    'erasure.asked': ['api', 1, 'erasure'],
    'erasure.withdrawn': ['api', 4, 'erasure'],
    'subject.erased': ['entity', 4, 'subject'],
    'hold.placed': ['api', 1, 'hold'],
    'hold.lifted': ['api', 4, 'hold'],
    'export.asked': ['api', 1, 'export'],
    'export.confirmed': ['api', 3, 'export'],
    'export.made': ['api', 3, 'export'],
    'export.failed': ['api', 3, 'export'],
    'export.fetched': ['api', 2, 'export'],
    'voter.enrolled': ['entity', 1, 'person'],
    'access.granted': ['entity', 3, 'person'],
    'proposal.opened': ['api', 1, 'proposal'],
    'vote.cast': ['api', 3, 'proposal'],
    'conflict.declared': ['api', 3, 'proposal'],
    'proposal.passed': ['api', 3, 'proposal'],
    'proposal.closed': ['api', 4, 'proposal'],
    'charter.adopted': ['entity', 3, 'name'],
    'seat.appointed': ['entity', 3, 'seat'],
    'seat.recalled': ['entity', 3, 'seat'],
    'seat.left': ['entity', 3, 'seat'],
    'handover.announced': ['api', 1, 'seat'],
    'handover.accepted': ['api', 3, 'seat'],
    'handover.cancelled': ['api', 4, 'seat'],
    'absence.declared': ['api', 1, 'absence'],
    'absence.ended': ['api', 4, 'absence'],
    'delegation.given': ['api', 1, 'delegation'],
    'delegation.ended': ['api', 4, 'delegation'],
    'training.recorded': ['api', 1, 'person'],
    'glass.asked': ['api', 1, 'glass'],
    'glass.signed': ['api', 3, 'glass'],
    'glass.broken': ['entity', 13, 'glass'],
    'glass.ended': ['entity', 12, 'glass'],
    'glass.reviewed': ['api', 3, 'glass'],
    'ceiling.changed': ['entity', 3, null],
    'checkpoint.decided': ['api', 99, 'session'],
    'policy.adopted': ['entity', 3, 'bundle'],
    'policy.rolled_back': ['entity', 3, 'bundle'],
    'action.asked': ['api', 1, 'action'],
    'action.decided': ['api', 3, 'action'],
    'supervision.began': ['api', 1, 'session'],
    'supervision.ended': ['api', 4, 'session'],
    'help.asked': ['api', 99, 'session'],
    'session.handed_back': ['api', 3, 'session'],
  } satisfies Record<string, [OcsfClassName, number, string | null]>).map(([kind, [of, activity, target]]) => [
    kind,
    { of, activity, target },
  ]),
);

/** Where entries of a kind go; what nobody has mapped yet is a base event. */
export function placeOf(kind: string): OcsfPlace {
  return PLACES.get(kind) ?? { of: 'base', activity: 99, target: null };
}

/** Whether somebody has thought about where entries of this kind go. */
export function isPlaced(kind: string): boolean {
  return PLACES.has(kind);
}
