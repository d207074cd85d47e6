import { hashFromBase64 } from './base64.ts';

/** Typed reading of a record from a log that is not trusted. */
export type Fields = {
  /** False once any field read so far had the wrong shape. */
  readonly sound: () => boolean;
  readonly spoil: () => void;
  readonly raw: (name: string) => unknown;
  readonly text: (name: string) => string;
  readonly count: (name: string, least?: number) => number;
  readonly flag: (name: string) => boolean;
  readonly hash: (name: string) => Uint8Array;
  readonly list: (name: string) => readonly unknown[];
  readonly inner: (name: string) => Fields;
  readonly asHash: (value: unknown) => Uint8Array;
  readonly asFields: (value: unknown) => Fields;
};

/** The fields of a record. One of the wrong shape reads as an empty value and spoils the whole, which `sound` tells at the end. */
export function fieldsOf(record: Record<string, unknown>, parent?: () => void): Fields {
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
    raw: (name) => record[name],
    text: (name) => or(textOf(record[name]), ''),
    count: (name, least = 0) => or(countOf(record[name], least), 0),
    flag: (name) => or(typeof record[name] === 'boolean' ? record[name] : null, false),
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

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
