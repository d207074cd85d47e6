import { hashFromBase64 } from './base64.ts';

/** What an order met in one session: the session's tick when the gate closed, and the last sequence number that had left. */
export type OrderEffect = { readonly session: string; readonly tick: number; readonly lastSequence: number };

/** The entries that the session audit reads, as it needs them. Hashes are decoded (32 bytes each). */
export type SessionEvidence =
  | { readonly kind: 'session.opened'; readonly session: string }
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
      readonly order: string;
      readonly number: number;
      readonly orderKind: string;
      readonly sessions: readonly OrderEffect[];
    }
  | { readonly kind: 'order.sessions'; readonly order: string; readonly sessions: readonly OrderEffect[] }
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

/** Who acted; `kind` is `person`, `key` or `system`. */
export type EvidenceActor = { readonly kind: string; readonly id: string };

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
  const evidence = readKind(kind, data, isRecord(entry['by']) ? entry['by'] : {});
  if (evidence === null) return { is: 'other' };
  return data.sound() ? { is: 'evidence', evidence } : { is: 'malformed', kind };
}

function readKind(kind: string, data: Fields, by: Record<string, unknown>): SessionEvidence | null {
  const session = () => data.text('session');
  switch (kind) {
    case 'session.opened':
      return { kind, session: session() };
    case 'session.attached':
      return { kind, session: session(), fromTick: data.count('fromTick'), previous: data.hash('previous'), lost: data.count('lost') };
    case 'session.segment':
      return readSegment(data);
    case 'session.ended':
      return { kind, session: session(), lastTick: data.count('lastTick', -1), head: data.hash('head') };
    case 'order.given':
      return {
        kind,
        order: data.text('order'),
        number: data.count('number', 1),
        orderKind: data.text('kind'),
        sessions: readEffects(data),
      };
    case 'order.sessions':
      return { kind, order: data.text('order'), sessions: readEffects(data) };
    case 'release.asked':
      return { kind, release: data.text('release'), latch: data.text('latch'), by: readActor(by, data) };
    case 'release.withdrawn':
      return { kind, release: data.text('release') };
    case 'latch.released':
      return { kind, release: data.text('release'), latch: data.text('latch'), askedBy: data.text('askedBy'), by: readActor(by, data) };
    default:
      return null;
  }
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

function readActor(by: Record<string, unknown>, data: Fields): EvidenceActor {
  const { kind, id } = by;
  if (typeof kind === 'string' && typeof id === 'string' && id !== '') return { kind, id };
  data.spoil();
  return { kind: '', id: '' };
}

type Fields = {
  /** False once any field read so far had the wrong shape. */
  readonly sound: () => boolean;
  readonly spoil: () => void;
  readonly text: (name: string) => string;
  readonly count: (name: string, least?: number) => number;
  readonly hash: (name: string) => Uint8Array;
  readonly list: (name: string) => readonly unknown[];
  readonly inner: (name: string) => Fields;
  readonly asHash: (value: unknown) => Uint8Array;
  readonly asFields: (value: unknown) => Fields;
};

/** Typed reading of a record. A field of the wrong shape reads as an empty value and spoils the whole, which `sound` tells at the end. */
function fieldsOf(record: Record<string, unknown>, parent?: () => void): Fields {
  let sound = true;
  const spoil = (): void => {
    sound = false;
    parent?.();
  };
  const or = <T>(value: T | null | undefined, empty: T): T => {
    if (value === null || value === undefined) spoil();
    return value ?? empty;
  };
  const asHash = (value: unknown): Uint8Array => or(typeof value === 'string' ? hashFromBase64(value) : null, new Uint8Array(0));
  const asFields = (value: unknown): Fields => fieldsOf(or(isRecord(value) ? value : null, {}), spoil);
  return {
    sound: () => sound,
    spoil,
    asHash,
    asFields,
    text: (name) => or(textOf(record[name]), ''),
    count: (name, least = 0) => or(countOf(record[name], least), 0),
    hash: (name) => asHash(record[name]),
    list: (name) => or(listOf(record[name]), []),
    inner: (name) => asFields(record[name]),
  };
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}

function countOf(value: unknown, least: number): number | null {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= least ? value : null;
}

function listOf(value: unknown): readonly unknown[] | null {
  return Array.isArray(value) ? value : null;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
