import { Scope } from '@wheelhouse/protocol/scope';
import { fieldsOf, isRecord } from './evidence-fields.ts';
import type { Fields } from './evidence-fields.ts';
import type { OpenedSession } from './scope-cover.ts';

/** What an order met in one session: the session's tick when the gate closed, and the last sequence number that had left. */
export type OrderEffect = { readonly session: string; readonly tick: number; readonly lastSequence: number };

/** The entries that the session audit reads, as it needs them. Hashes are decoded (32 bytes each). */
export type SessionEvidence =
  | { readonly kind: 'server.started'; readonly time: string; readonly stoppedCleanly: boolean }
  | (OpenedSession & { readonly kind: 'session.opened' })
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
      readonly scope: Scope;
      readonly covered: number;
    }
  | { readonly kind: 'order.applied'; readonly order: string; readonly part: number; readonly sessions: readonly OrderEffect[] }
  | { readonly kind: 'release.asked'; readonly release: string; readonly latch: string; readonly by: EvidenceActor }
  | { readonly kind: 'release.withdrawn'; readonly release: string }
  | {
      readonly kind: 'latch.released';
      readonly release: string;
      readonly latch: string;
      readonly askedBy: string;
      readonly by: EvidenceActor;
    };

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

/** Who acted. `kind` is `person`, `key` or `system`; `person` is the human behind it: of a key its holder. */
export type EvidenceActor = { readonly kind: string; readonly person: string };

/** `other`: an entry of a kind that says nothing about sessions. `malformed`: one that does, but not in a form that can be believed. */
export type EvidenceReading =
  | { readonly is: 'evidence'; readonly evidence: SessionEvidence }
  | { readonly is: 'other' }
  | { readonly is: 'malformed'; readonly kind: string };

/**
 * Reads a parsed ledger entry as session evidence. Checks every field that it takes: an auditor trusts no schema of the log that it audits.
 * Fields that it does not need are not looked at.
 */
export function readEvidence(entry: unknown): EvidenceReading {
  if (!isRecord(entry) || typeof entry['kind'] !== 'string') return { is: 'malformed', kind: 'no kind' };
  const kind = entry['kind'];
  const data = fieldsOf(isRecord(entry['data']) ? entry['data'] : {});
  const evidence = readKind(kind, data, entry);
  if (evidence === null) return { is: 'other' };
  return data.sound() ? { is: 'evidence', evidence } : { is: 'malformed', kind };
}

function readKind(kind: string, data: Fields, entry: Record<string, unknown>): SessionEvidence | null {
  const session = () => data.text('session');
  switch (kind) {
    case 'server.started':
      return { kind, time: timeOf(entry), stoppedCleanly: data.flag('stoppedCleanly') };
    case 'session.opened':
      return { kind, session: session(), ...readFacts(data) };
    case 'session.attached':
      return { kind, session: session(), fromTick: data.count('fromTick'), previous: data.hash('previous'), lost: data.count('lost') };
    case 'session.segment':
      return readSegment(data);
    case 'session.ended':
      return { kind, session: session(), lastTick: data.count('lastTick', -1), head: data.hash('head') };
    case 'order.given':
      return readOrder(data, timeOf(entry));
    case 'order.applied':
      return { kind, order: data.text('order'), part: data.count('part', 1), sessions: readEffects(data) };
    case 'release.asked':
      return { kind, release: data.text('release'), latch: data.text('latch'), by: readActor(entry['by'], data) };
    case 'release.withdrawn':
      return { kind, release: data.text('release') };
    case 'latch.released':
      return {
        kind,
        release: data.text('release'),
        latch: data.text('latch'),
        askedBy: data.text('askedBy'),
        by: readActor(entry['by'], data),
      };
    default:
      return null;
  }
}

function readFacts(data: Fields): Omit<OpenedSession, 'session'> {
  return { tenant: data.text('tenant'), deployment: data.text('deployment'), model: data.text('model'), level: data.count('level', 1) };
}

function readOrder(data: Fields, time: string): SessionEvidence {
  return {
    kind: 'order.given',
    time,
    order: data.text('order'),
    number: data.count('number', 1),
    orderKind: data.text('kind'),
    scope: readScope(data),
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

function readActor(by: unknown, data: Fields): EvidenceActor {
  const { kind, id, person = id } = isRecord(by) ? by : {};
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
