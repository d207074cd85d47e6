import { Scope } from '@wheelhouse/protocol/scope';
import { fieldsOf, isRecord } from './evidence-fields.ts';
import type { Fields } from './evidence-fields.ts';

/**
 * What a session is, as its `session.opened` says it. `level` is the one granted at opening, which no order changes. Null: not shown to whoever
 * reads, because a redaction withholds it.
 */
export type SessionFacts = {
  readonly session: string;
  readonly tenant: string | null;
  readonly deployment: string | null;
  readonly model: string | null;
  readonly level: number | null;
};

/** What an order met in one session: the session's tick when the gate closed, and the last sequence number that had left. */
export type OrderEffect = { readonly session: string; readonly tick: number; readonly lastSequence: number };

/** The entries that the session audit reads, as it needs them. Hashes are decoded (32 bytes each). */
export type SessionEvidence =
  | { readonly kind: 'server.started'; readonly time: string; readonly stoppedCleanly: boolean }
  | (SessionFacts & { readonly kind: 'session.opened' })
  | {
      readonly kind: 'session.attached';
      readonly session: string;
      readonly fromTick: number;
      readonly previous: Uint8Array;
      readonly lost: number;
    }
  | SegmentEvidence
  | { readonly kind: 'session.ended'; readonly session: string; readonly lastTick: number; readonly head: Uint8Array }
  | {
      readonly kind: 'order.given';
      /** When the entry was made, ISO 8601 in UTC; empty where it does not say. */
      readonly time: string;
      readonly order: string;
      readonly number: number;
      readonly orderKind: string;
      /** Null: withheld. */
      readonly scope: Scope | null;
      readonly covered: number;
    }
  | { readonly kind: 'order.applied'; readonly order: string; readonly part: number; readonly sessions: readonly OrderEffect[] }
  | { readonly kind: 'release.asked'; readonly release: string; readonly latch: string; readonly by: EvidenceActor }
  | { readonly kind: 'release.withdrawn'; readonly release: string }
  | {
      readonly kind: 'latch.released';
      readonly release: string;
      readonly latch: string;
      /** Null: withheld. */
      readonly askedBy: string | null;
      readonly by: EvidenceActor;
      /** The proposal that decided it, or the glass that was broken for it. Null: neither, or where `wayHidden`, not shown. */
      readonly proposal: string | null;
      readonly glass: string | null;
      readonly wayHidden: boolean;
    }
  /** `latch`: what it would release. Null: withheld, or it is about something else. */
  | { readonly kind: 'proposal.opened'; readonly proposal: string; readonly latch: string | null }
  | { readonly kind: 'proposal.passed' | 'proposal.closed'; readonly proposal: string }
  | { readonly kind: 'glass.asked'; readonly glass: string; readonly latch: string | null }
  /** `practice` is null where it is withheld. */
  | { readonly kind: 'glass.broken'; readonly glass: string; readonly practice: boolean | null };

/** One stretch of a session's ticks, `fromTick` to `toTick` inclusive; `outFirst` and `outLast` are the engine's sequence numbers before and after it. */
export type SegmentEvidence = {
  readonly kind: 'session.segment';
  readonly session: string;
  readonly fromTick: number;
  readonly toTick: number;
  readonly previous: Uint8Array;
  readonly ticks: readonly Uint8Array[];
  readonly head: Uint8Array;
  readonly outFirst: number;
  readonly outLast: number;
};

/** Who acted. `kind` is `person`, `key` or `system`; `person` is the human behind it: of a key its holder. Null: withheld. */
export type EvidenceActor = { readonly kind: string | null; readonly person: string | null };

/**
 * What a reader does not get to see of a ledger: `count` rises with each stretch of entries that is left out, and with each entry whose
 * evidence is withheld. What two entries say together is judged only where it has not risen between them.
 */
export type Holes = { count: number };

/**
 * `other`: an entry of a kind that says nothing about sessions. `malformed`: one that does, but not in a form that can be believed. `withheld`:
 * one that does, but a redaction withholds what it says.
 */
export type EvidenceReading =
  | { readonly is: 'evidence'; readonly evidence: SessionEvidence }
  | { readonly is: 'other' }
  | { readonly is: 'withheld' }
  | { readonly is: 'malformed'; readonly kind: string };

/** Without these an entry of a kind is no evidence of anything. The others may be withheld, and are null then. */
const NEEDED: ReadonlyMap<string, readonly string[]> = new Map([
  ['server.started', ['stoppedCleanly']],
  ['session.opened', ['session']],
  ['session.attached', ['session', 'fromTick', 'previous', 'lost']],
  ['session.segment', ['session', 'fromTick', 'toTick', 'previous', 'ticks', 'head', 'out']],
  ['session.ended', ['session', 'lastTick', 'head']],
  ['order.given', ['order', 'number', 'kind', 'covered']],
  ['order.applied', ['order', 'part', 'sessions']],
  ['release.asked', ['release', 'latch']],
  ['release.withdrawn', ['release']],
  ['latch.released', ['release', 'latch']],
  ['proposal.opened', ['proposal']],
  ['proposal.passed', ['proposal']],
  ['proposal.closed', ['proposal']],
  ['glass.asked', ['glass']],
  ['glass.broken', ['glass']],
]);

/** Whether entries of a kind say anything about sessions. */
export function isEvidenceKind(kind: string): boolean {
  return NEEDED.has(kind);
}

/**
 * Reads a parsed ledger entry as session evidence. Checks every field that it takes: an auditor trusts no schema of the log that it audits.
 * Fields that it does not need are not looked at. `redacted`: fields of the entry are withheld, so that one that is absent is no fault.
 */
export function readEvidence(entry: unknown, redacted = false): EvidenceReading {
  if (!isRecord(entry) || typeof entry['kind'] !== 'string') return { is: 'malformed', kind: 'no kind' };
  const kind = entry['kind'];
  const needed = NEEDED.get(kind);
  if (needed === undefined) return { is: 'other' };
  const data = fieldsOf(isRecord(entry['data']) ? entry['data'] : {});
  const missing = (name: string) => redacted && data.raw(name) === undefined;
  if (needed.some(missing)) return { is: 'withheld' };
  const evidence = readKind(kind, { data, missing, redacted }, entry);
  if (evidence === null) return { is: 'other' };
  return data.sound() ? { is: 'evidence', evidence } : { is: 'malformed', kind };
}

type Shown = { readonly data: Fields; readonly missing: (name: string) => boolean; readonly redacted: boolean };

function readKind(kind: string, shown: Shown, entry: Record<string, unknown>): SessionEvidence | null {
  const { data } = shown;
  const session = () => data.text('session');
  switch (kind) {
    case 'server.started':
      return { kind, time: timeOf(entry), stoppedCleanly: data.flag('stoppedCleanly') };
    case 'session.opened':
      return { kind, session: session(), ...readFacts(shown) };
    case 'session.attached':
      return { kind, session: session(), fromTick: data.count('fromTick'), previous: data.hash('previous'), lost: data.count('lost') };
    case 'session.segment':
      return readSegment(data);
    case 'session.ended':
      return { kind, session: session(), lastTick: data.count('lastTick', -1), head: data.hash('head') };
    case 'order.given':
      return readOrder(shown, timeOf(entry));
    case 'order.applied':
      return { kind, order: data.text('order'), part: data.count('part', 1), sessions: readEffects(data) };
    case 'release.asked':
      return { kind, release: data.text('release'), latch: data.text('latch'), by: readActor(entry['by'], shown) };
    case 'release.withdrawn':
      return { kind, release: data.text('release') };
    case 'latch.released':
      return readReleased(shown, readActor(entry['by'], shown));
    case 'proposal.opened':
      return { kind, proposal: data.text('proposal'), latch: latchIn(data.raw('act')) };
    case 'proposal.passed':
    case 'proposal.closed':
      return { kind, proposal: data.text('proposal') };
    case 'glass.asked':
      return { kind, glass: data.text('glass'), latch: latchIn(data.raw('emergency')) };
    case 'glass.broken':
      return { kind, glass: data.text('glass'), practice: shown.missing('practice') ? null : data.flag('practice') };
    default:
      return null;
  }
}

function readReleased({ data, missing }: Shown, by: EvidenceActor): SessionEvidence {
  const optional = (name: string) => (data.raw(name) === undefined ? null : data.text(name));
  return {
    kind: 'latch.released',
    release: data.text('release'),
    latch: data.text('latch'),
    askedBy: missing('askedBy') ? null : data.text('askedBy'),
    by,
    proposal: optional('proposal'),
    glass: optional('glass'),
    wayHidden: missing('proposal') && missing('glass'),
  };
}

/** The latch that an act is about; null for acts on anything else, and where it is not shown. */
function latchIn(act: unknown): string | null {
  return isRecord(act) && typeof act['latch'] === 'string' ? act['latch'] : null;
}

function readFacts({ data, missing }: Shown): Omit<SessionFacts, 'session'> {
  const text = (name: string) => (missing(name) ? null : data.text(name));
  return {
    tenant: text('tenant'),
    deployment: text('deployment'),
    model: text('model'),
    level: missing('level') ? null : data.count('level', 1),
  };
}

function readOrder({ data, missing }: Shown, time: string): SessionEvidence {
  return {
    kind: 'order.given',
    time,
    order: data.text('order'),
    number: data.count('number', 1),
    orderKind: data.text('kind'),
    scope: missing('scope') ? null : readScope(data),
    covered: data.count('covered'),
  };
}

function readScope(data: Fields): Scope {
  const scope = Scope.safeParse(data.raw('scope'));
  if (scope.success) return scope.data;
  data.spoil();
  return { type: 'everything' };
}

function readSegment(data: Fields): SegmentEvidence {
  const out = data.inner('out');
  return {
    kind: 'session.segment',
    session: data.text('session'),
    fromTick: data.count('fromTick'),
    toTick: data.count('toTick'),
    previous: data.hash('previous'),
    ticks: data.list('ticks').map((tick) => data.asHash(tick)),
    head: data.hash('head'),
    outFirst: out.count('first'),
    outLast: out.count('last'),
  };
}

function readEffects(data: Fields): OrderEffect[] {
  return data.list('sessions').map((item) => {
    const effect = data.asFields(item);
    return { session: effect.text('session'), tick: effect.count('tick', -1), lastSequence: effect.count('lastSequence') };
  });
}

function readActor(by: unknown, { data, redacted }: Shown): EvidenceActor {
  const shown = isRecord(by) ? by : {};
  const { kind, id, person = id } = shown;
  if (redacted && kind === undefined) return { kind: null, person: null };
  // Who holds a key is told only by `person`, and who anybody else is only by `id`; either may be withheld.
  const teller = kind === 'key' ? shown['person'] : id;
  if (redacted && typeof kind === 'string' && teller === undefined) return { kind, person: null };
  if (redacted && kind === 'key' && typeof teller === 'string' && teller !== '') return { kind, person: teller };
  if (typeof kind === 'string' && typeof id === 'string' && id !== '' && typeof person === 'string' && person !== '') {
    // Only a key stands for somebody else: what else names another person is not believed.
    return { kind, person: kind === 'key' ? person : id };
  }
  data.spoil();
  return { kind: '', person: '' };
}

function timeOf(entry: Record<string, unknown>): string {
  return typeof entry['time'] === 'string' ? entry['time'] : '';
}
