import { charterName } from '@wheelhouse/charter/ballot';
import { quorumInWords, type Power } from '@wheelhouse/charter/charter';
import { newCharter } from '@wheelhouse/charter/new-charter';
import { readCharter } from '@wheelhouse/charter/read-charter';
import { toBase64 } from '@wheelhouse/ledger/base64';
import { utf8 } from '@wheelhouse/ledger/bytes';
import { signCheckpoint } from '@wheelhouse/ledger/checkpoint';
import { cosignedMessage, cosignerKey, formatCosignerKey } from '@wheelhouse/ledger/cosignature';
import { entryLeafHash } from '@wheelhouse/ledger/entry';
import { formatVerifierKey, noteKey } from '@wheelhouse/ledger/note-key';
import { inclusionProof, type HashReader } from '@wheelhouse/ledger/proofs';
import { openingOf, sealEntry } from '@wheelhouse/ledger/sealed-entry';
import { tileBytes, type TileRef } from '@wheelhouse/ledger/tiles';
import { formatSignatureLine, parseNote } from '@wheelhouse/ledger/signed-note';
import { rootOfLeaves } from '@wheelhouse/ledger/tree-hash';
import type { PowerView } from '@wheelhouse/protocol/charter-view';
import { ENTRY_VERSION, LedgerEntry, type StoredEntry } from '@wheelhouse/protocol/ledger-entry';
import type { PublicCharter, Transparency } from '@wheelhouse/protocol/transparency';
import { sha256 } from '../ledger/browser-crypto.ts';

const ORIGIN = 'example.org/log';
const SHOWN = new Set(['data.charterText', 'data.name', 'data.version', 'time']);

const COSIGNED_AT = 1_772_323_200;

/** A witness with a key of its own, that cosigns whatever it is shown. */
export class PageWitness {
  readonly name: string;
  readonly key: string;
  readonly #keys: CryptoKeyPair;
  readonly #keyId: number;

  private constructor(name: string, keys: CryptoKeyPair, publicKey: Uint8Array) {
    const key = cosignerKey(name, publicKey, sha256);
    this.name = name;
    this.#keys = keys;
    this.#keyId = key.keyId;
    this.key = formatCosignerKey(key);
  }

  static async make(name: string): Promise<PageWitness> {
    return new PageWitness(name, ...(await newKeys()));
  }

  async line(text: string): Promise<string> {
    const message = new Uint8Array(cosignedMessage(text, COSIGNED_AT));
    const signature = new Uint8Array(72);
    new DataView(signature.buffer).setBigUint64(0, BigInt(COSIGNED_AT));
    signature.set(new Uint8Array(await crypto.subtle.sign({ name: 'Ed25519' }, this.#keys.privateKey, message)), 8);
    return formatSignatureLine({ name: this.name, keyId: this.#keyId, signature });
  }
}

async function newKeys(): Promise<[keys: CryptoKeyPair, publicKey: Uint8Array]> {
  const keys = await crypto.subtle.generateKey({ name: 'Ed25519' }, true, ['sign', 'verify']);
  if (!('publicKey' in keys)) throw new Error('Ed25519 has pairs of keys');
  return [keys, new Uint8Array(await crypto.subtle.exportKey('raw', keys.publicKey))];
}

/** A small log with a key of its own, and the page that a server would make of it. */
export class PageLog {
  readonly key: string;
  readonly #keys: CryptoKeyPair;
  readonly #keyId: number;
  readonly #leaves: Uint8Array[] = [];
  readonly #witnesses: PageWitness[] = [];
  readonly #adopted: { text: string; version: number; at: string; stored: StoredEntry }[] = [];

  private constructor(keys: CryptoKeyPair, publicKey: Uint8Array) {
    const key = noteKey(ORIGIN, publicKey, sha256);
    this.#keys = keys;
    this.#keyId = key.keyId;
    this.key = formatVerifierKey(key);
  }

  static async make(): Promise<PageLog> {
    return new PageLog(...(await newKeys()));
  }

  /** Has its heads cosigned from now on. */
  witnessedBy(witness: PageWitness): void {
    this.#witnesses.push(witness);
  }

  /** Appends entries that have nothing to do with the page. */
  grow(by: number): void {
    for (let i = 0; i < by; i += 1) this.#leaves.push(sha256(utf8(`leaf ${this.#leaves.length} ${this.key}`)));
  }

  /** Cuts the log off. */
  shrink(to: number): void {
    this.#leaves.length = to;
  }

  adopt(version: number): void {
    const people = ['ann', 'bob', 'cem', 'dan'].map((id) => ({ id, name: id.toUpperCase() }));
    const text = newCharter({ people, from: Date.parse('2026-01-01T00:00:00Z') }).replace('version: 1', `version: ${version}`);
    const at = `2026-02-0${version}T10:00:00.000Z`;
    const entry = LedgerEntry.parse({
      ...{ v: ENTRY_VERSION, id: crypto.randomUUID(), kind: 'charter.adopted', time: at, clock: 7 },
      by: { kind: 'system', id: 'server', role: 'server' },
      data: { proposal: crypto.randomUUID(), name: charterName(text, sha256), version, charterText: text },
    });
    const sealed = sealEntry(entry, (bytes) => crypto.getRandomValues(new Uint8Array(bytes)), sha256);
    const leafHash = entryLeafHash(utf8(sealed.leaf), sha256);
    const opening = openingOf(sealed.fields, (field) => SHOWN.has(field));
    const stored = { index: this.#leaves.length, body: sealed.leaf, leafHash: toBase64(leafHash), opening };
    this.#adopted.push({ text, version, at, stored });
    this.#leaves.push(leafHash);
  }

  async page(): Promise<Transparency> {
    const checkpoint = await this.#checkpoint();
    const charters = this.#adopted.toReversed().map(({ text, version, at, stored }): PublicCharter => {
      const hashes = inclusionProof({ index: stored.index, size: this.#leaves.length }, this.#read, sha256).map(toBase64);
      const proof = { index: stored.index, size: this.#leaves.length, leafHash: stored.leafHash, hashes, checkpoint };
      return { name: charterName(text, sha256), version, text, adoptedAt: at, stored, proof };
    });
    const reading = readCharter(charters[0]?.text ?? '');
    return {
      ...{ charters, people: [], bodies: [], seats: [], notices: [], checkpoint, key: this.key, at: '2026-03-01T00:00:00.000Z' },
      witnesses: { quorum: this.#witnesses.length === 0 ? 0 : 1, keys: this.#witnesses.map(({ name, key }) => ({ name, key })) },
      powers: reading.ok ? [...reading.charter.powers.values()].map(viewOf) : [],
      ceiling: { level: 5, because: [] },
      proposals: { executed: 0, notExecuted: 0, open: 0 },
      overrides: {
        days: 365,
        byKind: { hold: 0, mute: 0, stop: 0, take_over: 0, level: 0 },
        inForce: 0,
        gateClosedUs: { p50: null, p99: null },
      },
      breakGlass: { broken: 0, drills: 0, overdue: 0 },
    };
  }

  /** As the public log serves it. */
  readonly tile = (tile: TileRef): Promise<Uint8Array | null> => Promise.resolve(tileBytes(tile, this.#read));

  async #checkpoint(): Promise<string> {
    const head = { origin: ORIGIN, size: this.#leaves.length, root: rootOfLeaves(this.#leaves, sha256) };
    const sign = async (message: Uint8Array) =>
      new Uint8Array(await crypto.subtle.sign({ name: 'Ed25519' }, this.#keys.privateKey, new Uint8Array(message)));
    const signed = await signCheckpoint(head, { name: ORIGIN, keyId: this.#keyId, sign });
    const note = parseNote(signed);
    if (!note.ok) throw new Error(note.message);
    const { text } = note.value;
    const lines = await Promise.all(this.#witnesses.map((witness) => witness.line(text)));
    return [signed, ...lines].join('');
  }

  readonly #read: HashReader = (level, index) => {
    const span = 2 ** level;
    return rootOfLeaves(this.#leaves.slice(index * span, (index + 1) * span), sha256);
  };
}

function viewOf(power: Power): PowerView {
  const { id, votes, bodies, from, vetoSeats, noticeMs, voteWithinMs, executeWithinMs, breakGlass } = power;
  const excludes = [
    'the proposer',
    ...(power.excludesAuthor ? ['authors'] : []),
    ...(power.excludesLine ? ["the proposer's reporting line"] : []),
  ];
  return {
    ...{ power: id, quorum: quorumInWords(power), votes, bodies, from: [...from], excludes, vetoSeats: [...vetoSeats] },
    ...{ noticeMs, voteWithinMs, executeWithinMs },
    breakGlass: breakGlass === null ? null : { ...breakGlass, seats: [...breakGlass.seats] },
  };
}
