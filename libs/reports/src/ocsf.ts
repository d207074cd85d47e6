import { canonicalJson } from '@wheelhouse/ledger/canonical';
import { utf8 } from '@wheelhouse/ledger/bytes';
import { toHex } from '@wheelhouse/ledger/bundle-format';
import type { Sha256 } from '@wheelhouse/ledger/primitives';
import type { JsonValue } from '@wheelhouse/ledger/strict-json';
import { OCSF_CLASSES, OCSF_VERSION, placeOf } from './ocsf-classes.ts';
import { millisOf, scopeOf, textIn } from './report-entry.ts';
import type { ReportEntry } from './report-entry.ts';

/** An entry with what proves it. Hashes in hex. */
export type OcsfSource = { readonly entry: ReportEntry; readonly leaf: string; readonly leafHash: string };

/** The log and the signed head that the events come with. */
export type OcsfContext = {
  readonly version: string;
  readonly origin: string;
  readonly tree: { readonly size: number; readonly root: string };
  readonly sha256: Sha256;
};

export type OcsfEvent = Readonly<Record<string, JsonValue>>;

/** Turns entries into OCSF events, one after the other: each carries a fingerprint of itself and of the one before (`record_integrity`). */
export function ocsfWriter(context: OcsfContext): (source: OcsfSource) => OcsfEvent {
  let previous: { readonly uid: string; readonly value: string } | null = null;
  return (source) => {
    const link = {
      authority_uid: context.origin,
      chain_uid: `${context.origin}@${context.tree.size}`,
      uid: source.entry.id,
      ...(previous === null ? {} : { prev_event: { uid: previous.uid, fingerprint: fingerprint(previous.value) } }),
    };
    const event = eventOf(source, context);
    // As the profile says: over the whole event with its place in the chain, without the fingerprint itself.
    const value = toHex(context.sha256(utf8(canonicalJson({ ...event, attestation_list: [link] }))));
    previous = { uid: source.entry.id, value };
    return { ...event, attestation_list: [{ ...link, fingerprint: fingerprint(value) }] };
  };
}

function fingerprint(value: string): OcsfEvent {
  return { algorithm: 'SHA-256', algorithm_id: 3, encoding: 'Hex', encoding_id: 1, value };
}

/** What somebody who watches events should look at: orders, emergency acts below their quorum, and other rules. */
const SEVERITIES: ReadonlyMap<string, readonly [id: number, name: string]> = new Map([
  ['order.given', [3, 'Medium']],
  ['charter.adopted', [3, 'Medium']],
  ['access.granted', [3, 'Medium']],
  ['glass.broken', [4, 'High']],
]);

function eventOf({ entry, leaf, leafHash }: OcsfSource, context: OcsfContext): OcsfEvent {
  const place = placeOf(entry.kind);
  const { uid, name, category, activities } = OCSF_CLASSES[place.of];
  const time = millisOf(textIn(entry, 'time') ?? '');
  const failed = entry.kind === 'export.failed' || (entry.kind === 'proposal.closed' && textIn(entry, 'data.outcome') === 'failed');
  const [severity, severityName] = SEVERITIES.get(entry.kind) ?? [1, 'Informational'];
  return {
    activity_id: place.activity,
    activity_name: new Map(Object.entries(activities)).get(String(place.activity)) ?? 'Other',
    category_uid: category[0],
    category_name: category[1],
    class_uid: uid,
    class_name: name,
    type_uid: uid * 100 + place.activity,
    time: Number.isFinite(time) ? time : 0,
    severity_id: severity,
    severity: severityName,
    status_id: failed ? 2 : 1,
    status: failed ? 'Failure' : 'Success',
    message: entry.kind,
    metadata: metadataOf(entry, context),
    raw_data: leaf,
    raw_data_size: utf8(leaf).length,
    raw_data_hash: fingerprint(toHex(context.sha256(utf8(leaf)))),
    ...actorOf(entry),
    ...partsOf(entry),
    ...aiOf(entry),
    unmapped: unmappedOf(entry, leafHash, context),
  };
}

function metadataOf(entry: ReportEntry, { version, origin }: OcsfContext): OcsfEvent {
  const original = textIn(entry, 'time');
  const tenant = textIn(entry, 'data.tenant');
  const profiles = entry.kind === 'session.opened' ? ['ai_operation', 'record_integrity'] : ['record_integrity'];
  return {
    version: OCSF_VERSION,
    product: { name: 'Wheelhouse', vendor_name: 'Wheelhouse', version },
    profiles,
    uid: entry.id,
    sequence: entry.index,
    log_name: origin,
    event_code: entry.kind,
    ...(original === null ? {} : { original_time: original }),
    ...(tenant === null ? {} : { tenant_uid: tenant }),
  };
}

/** Who acted. Where that is redacted the actor is there, without a name: some classes must have one. */
function actorOf(entry: ReportEntry): OcsfEvent {
  const kind = textIn(entry, 'by.kind');
  const id = textIn(entry, 'by.id');
  const role = textIn(entry, 'by.role');
  if (kind === 'system') return { actor: { app_name: 'Wheelhouse', user: { name: 'wheelhouse', type_id: 3, type: 'System' } } };
  const type =
    kind === 'key'
      ? { type_id: 4, type: 'Service' }
      : role === 'administrator'
        ? { type_id: 2, type: 'Admin' }
        : { type_id: 1, type: 'User' };
  const holder = textIn(entry, 'by.person');
  const name = id === null ? { name: 'not shown' } : { uid: id };
  return { actor: { user: { ...name, ...type, ...(holder === null ? {} : { uid_alt: holder }) } } };
}

/** What the entry's class asks for. */
function partsOf(entry: ReportEntry): OcsfEvent {
  const { of, target } = placeOf(entry.kind);
  const uid = target === null ? null : textIn(entry, `data.${target}`);
  const named: OcsfEvent = uid === null ? { name: 'not shown' } : { uid };
  switch (of) {
    case 'base':
      return {};
    case 'lifecycle':
      return { app: { name: 'Wheelhouse', vendor_name: 'Wheelhouse', ...optional('version', textIn(entry, 'data.version')) } };
    case 'account':
      return { user: { ...named, type_id: 1, type: 'User' } };
    case 'entity': {
      const scope = entry.kind === 'order.given' ? { data: { scope: scopeOf(entry) } } : {};
      return { entity: { ...named, ...scope, type_id: 99, type: target ?? 'other' }, ...optional('comment', textIn(entry, 'data.reason')) };
    }
    case 'api':
      return {
        api: { operation: entry.kind, service: { name: 'Wheelhouse' } },
        // The record does not say from where somebody called.
        src_endpoint: { name: 'not recorded', type_id: 0 },
        ...(target === null ? {} : { resources: [{ ...named, type: target, role_id: 1 }] }),
      };
  }
}

function aiOf(entry: ReportEntry): OcsfEvent {
  if (entry.kind !== 'session.opened') return {};
  const [deployment, session, model] = ['deployment', 'session', 'model'].map((name) => textIn(entry, `data.${name}`));
  const name = model ?? 'not shown';
  return {
    ai_agent: {
      ...(deployment == null ? { name: 'not shown' } : { uid: deployment, name: deployment }),
      ...optional('instance_uid', session ?? null),
      ai_model: { name, ai_provider: 'Internal' },
      type_id: 99,
      type: 'Wheelhouse deployment',
    },
  };
}

/** What OCSF has no home for: the entry's own fields, and how to find and prove it. */
function unmappedOf(entry: ReportEntry, leafHash: string, { tree, origin }: OcsfContext): OcsfEvent {
  return {
    wheelhouse: {
      fields: { ...entry.fields },
      withheld: entry.withheld,
      index: entry.index,
      leaf_hash: leafHash,
      log: origin,
      tree_size: tree.size,
      tree_root: tree.root,
    },
  };
}

function optional(name: string, value: string | null): OcsfEvent {
  return value === null ? {} : { [name]: value };
}
