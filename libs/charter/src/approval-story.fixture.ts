import { createHash, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { isoCBOR } from '@simplewebauthn/server/helpers';
import { RULES_BEFORE_A_CHARTER } from '@wheelhouse/protocol/charter';
import type { Actor } from '@wheelhouse/protocol/identity';
import { type EntryOf, LedgerEntry, type LedgerEntryKind } from '@wheelhouse/protocol/ledger-entry';
import type { EmergencyAct, ProposedAct, Signed } from '@wheelhouse/protocol/proposed-act';
import type { VoteChoice } from '@wheelhouse/protocol/proposal';
import { openApprovalAudit } from './approval-audit.ts';
import { ballotChallenge, charterName, enrolmentChallenge, glassChallenge, handoverChallenge, proposalDigest } from './ballot.ts';
import { newCharter } from './new-charter.ts';
import { parseInstant } from './instant.ts';
import { practiceSeal } from './practice-seal.ts';

export const sha256 = (bytes: Uint8Array) => new Uint8Array(createHash('sha256').update(bytes).digest());
const text = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64url');

/** A passkey in software (ES256). `how` bends what it signs, for those who forge. */
export class StoryPasskey {
  readonly publicKey: string;
  readonly rpId = 'house.test';
  readonly origin = 'https://house.test';
  readonly #private: KeyObject;

  constructor(readonly credential: string) {
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    this.#private = privateKey;
    const { x = '', y = '' } = publicKey.export({ format: 'jwk' });
    const point = (part: string) => new Uint8Array(Buffer.from(part, 'base64url'));
    this.publicKey = text(
      isoCBOR.encode(
        new Map<number, number | Uint8Array>([
          [1, 2],
          [3, -7],
          [-1, 1],
          [-2, point(x)],
          [-3, point(y)],
        ]),
      ),
    );
  }

  sign(challenge: Uint8Array, how: { verified?: boolean; origin?: string } = {}): Signed {
    const client = { type: 'webauthn.get', challenge: text(challenge), origin: how.origin ?? this.origin, crossOrigin: false };
    const clientData = Buffer.from(JSON.stringify(client));
    const flags = how.verified === false ? 0x01 : 0x05;
    const authenticatorData = Buffer.concat([sha256(Buffer.from(this.rpId)), Buffer.from([flags]), Buffer.alloc(4)]);
    const signature = sign('sha256', Buffer.concat([authenticatorData, sha256(clientData)]), this.#private);
    return {
      credential: this.credential,
      authenticatorData: text(authenticatorData),
      clientData: text(clientData),
      signature: text(signature),
    };
  }
}

export const uuid = (n: number) => `0b7c0c0e-58a2-4d31-8f30-${n.toString(16).padStart(12, '0')}`;
export const PEOPLE = ['ann', 'bob', 'cem', 'dan', 'eve'] as const;
const SYSTEM: Actor = { kind: 'system', id: 'wheelhouse', role: 'system' };
const POLICY = 'built-in/1';
export const SALT = 'salt';
const PREVIEW = { title: 'A test', lines: [], sessions: { count: 0, first: [] }, deployments: { count: 0, first: [] } };

export type Told = { readonly id: string; readonly digest: string; readonly proposer: string };
type Cast = {
  choice?: VoteChoice;
  key?: StoryPasskey;
  how?: Parameters<StoryPasskey['sign']>[1];
  at?: Partial<EntryOf<'vote.cast'>['data']>;
};

/** A ledger as an honest server writes it, entry after entry, a minute apart; and whatever else a test has it write. From 2026-03-01. */
export class ApprovalStory {
  readonly entries: LedgerEntry[] = [];
  readonly keys = new Map(PEOPLE.map((person) => [person as string, new StoryPasskey(text(Buffer.from(`key of ${person}`)))]));
  charter = RULES_BEFORE_A_CHARTER;
  minute = 0;
  #ids = 1000;

  next(): string {
    this.#ids += 1;
    return uuid(this.#ids);
  }

  add<K extends LedgerEntryKind>(kind: K, data: EntryOf<K>['data'], by: Actor | string = SYSTEM): this {
    const actor: Actor = typeof by === 'string' ? { kind: 'person', id: by, role: 'operator' } : by;
    const rules = actor.kind === 'system' ? {} : { policy: POLICY, charter: this.charter };
    const at = { time: this.time(), clock: this.minute };
    this.entries.push(LedgerEntry.parse({ v: 2, id: this.next(), ...at, by: actor, ...rules, kind, data }));
    this.minute += 1;
    return this;
  }

  /** The time of the next entry, or so many minutes after it. */
  time(later = 0): string {
    const two = (n: number) => String(n).padStart(2, '0');
    const at = this.minute + later;
    return `2026-03-${two(1 + Math.floor(at / 1440))}T${two(Math.floor(at / 60) % 24)}:${two(at % 60)}:00.000Z`;
  }

  keyOf(person: string): StoryPasskey {
    const key = this.keys.get(person);
    if (key === undefined) throw new Error(`${person} has no passkey`);
    return key;
  }

  enrol(person: string, key = this.keyOf(person), proof: { earlier?: StoryPasskey; proposal?: string } = {}): this {
    const { credential, publicKey, rpId, origin } = key;
    const challenge = enrolmentChallenge({ person, credential, publicKey, rpId }, sha256);
    const earlier = proof.earlier === undefined ? {} : { earlier: proof.earlier.sign(challenge) };
    const proposal = proof.proposal === undefined ? {} : { proposal: proof.proposal };
    return this.add('voter.enrolled', { person, publicKey, rpId, origin, signed: key.sign(challenge), ...earlier, ...proposal }, person);
  }

  open(act: ProposedAct, by: string, authors: string[] = [], practice = false): Told {
    return this.openAs(this.next(), act, by, { authors, practice });
  }

  /** A proposal under an id of one's own. */
  openAs(
    id: string,
    act: ProposedAct,
    by: string,
    { authors = [], practice = false }: { authors?: string[]; practice?: boolean } = {},
  ): Told {
    const about = 'a'.repeat(64);
    const bound = { proposal: id, act, preview: PREVIEW, charter: this.charter, policy: POLICY, about, authors };
    const digest = proposalDigest(bound, sha256);
    const seal = practiceSeal({ proposal: id, salt: SALT, practice }, sha256);
    this.add('proposal.opened', { proposal: id, power: act.power, act, preview: PREVIEW, digest, about, authors, reason: 'why', seal }, by);
    return { id, digest, proposer: by };
  }

  vote({ id, digest }: Told, person: string, seat: string, { choice = 'yes', key = this.keyOf(person), how, at = {} }: Cast = {}): this {
    const vote = this.next();
    const signed = key.sign(ballotChallenge({ digest, vote, person, seat, choice }, sha256), how);
    const data = { proposal: id, vote, seat, choice, digest, reason: choice === 'yes' ? '' : 'no', signed, seconds: 30, evidence: true };
    return this.add('vote.cast', { ...data, ...at }, person);
  }

  /** Passed with its last vote (the entry before), to be executed within so many minutes of that. */
  passed({ id }: Told, within: number, by = SYSTEM): this {
    this.minute -= 1;
    return this.add('proposal.passed', { proposal: id, passedAt: this.time(), executeBy: this.time(within) }, by);
  }

  /** Everybody has a passkey, and the five of them found a charter. `edit` changes its text. */
  found(edit: (draft: string) => string = (draft) => draft): this {
    for (const person of PEOPLE) this.add('person.joined', { person, role: 'operator', tenant: 'house' }).enrol(person);
    const people = PEOPLE.map((id) => ({ id, name: id }));
    const charterText = edit(newCharter({ people, from: parseInstant('2026-03-01T00:00:00Z') ?? 0 }));
    const told = this.open({ power: 'charter.amend', text: charterText }, 'ann');
    this.vote(told, 'bob', 'safety-1').vote(told, 'cem', 'operations-2').vote(told, 'dan', 'safety-2').vote(told, 'eve', 'operations-3');
    this.passed(told, 14 * 1440);
    const name = charterName(charterText, sha256);
    this.add('charter.adopted', { proposal: told.id, name, version: 1, charterText }, 'eve');
    this.charter = name;
    return this;
  }

  order(): string {
    const order = this.next();
    const number = this.entries.filter(({ kind }) => kind === 'order.given').length + 1;
    const times = { receivedAt: this.time(), gateClosedUs: 1, lastByteUs: null };
    this.add('order.given', { order, number, kind: 'stop', scope: { type: 'everything' }, reason: 'stop', ...times, covered: 0 }, 'ann');
    return order;
  }

  /** A latch, and two votes for its release, one of each body. */
  approvedRelease(): Told & { readonly latch: string } {
    const latch = this.order();
    const told = this.open({ power: 'latch.release', latch }, 'ann');
    this.vote(told, 'bob', 'safety-1').vote(told, 'cem', 'operations-2').passed(told, 60);
    return { ...told, latch };
  }

  /** A quorum lets somebody enrol a passkey without an earlier one. */
  granted(person: string): Told {
    const told = this.open({ power: 'access.grant', person, grant: 'voting_key' }, 'ann', [person]);
    this.vote(told, 'bob', 'safety-1').vote(told, 'cem', 'operations-2').passed(told, 1440);
    this.add('access.granted', { proposal: told.id, person, grant: 'voting_key' }, 'cem');
    return told;
  }

  released({ id, proposer }: Told, latch: string): this {
    return this.add('latch.released', { release: id, latch, askedBy: proposer, proposal: id }, 'cem');
  }

  glassSigned(glass: string, emergency: EmergencyAct, person: string, seat: string): Signed {
    return this.keyOf(person).sign(glassChallenge({ glass, emergency, practice: false, person, seat }, sha256));
  }

  /** A latch, and a glass that two people break for it. */
  brokenGlass(by: readonly (readonly [person: string, seat: string])[] = GLASS_BREAKERS): {
    readonly glass: string;
    readonly latch: string;
  } {
    const latch = this.order();
    const glass = this.next();
    const emergency: EmergencyAct = { power: 'latch.release', latch };
    for (const [i, [person, seat]] of by.entries()) {
      const signed = this.glassSigned(glass, emergency, person, seat);
      if (i === 0) this.add('glass.asked', { glass, emergency, practice: false, reason: 'fire', seat, signed }, person);
      else this.add('glass.signed', { glass, seat, signed }, person);
    }
    const skipped = PEOPLE.filter((person) => !by.some(([who]) => who === person));
    const due = { endsAt: this.time(60), reviewDueAt: this.time(3 * 1440), skipped };
    this.add('glass.broken', { glass, power: 'latch.release', practice: false, ...due }, by.at(-1)?.[0]);
    this.add('latch.released', { release: glass, latch, askedBy: by[0]?.[0] ?? '', glass }, by.at(-1)?.[0]);
    return { glass, latch };
  }

  handover(): this {
    const [seat, to, effectiveAt] = ['operations-1', 'bob', this.time(7 * 1440 + 10)];
    this.add('handover.announced', { seat, to, effectiveAt }, 'ann');
    const signed = this.keyOf(to).sign(handoverChallenge({ seat, to, effectiveAt }, sha256));
    return this.add('handover.accepted', { seat, to, effectiveAt, signed }, to);
  }

  /** Changes an entry as somebody does who keeps the record. */
  bend<K extends LedgerEntryKind>(kind: K, change: (entry: EntryOf<K>) => object, which = -1): this {
    const all = this.entries.flatMap((entry, at) => (entry.kind === kind ? [at] : []));
    const at = all.at(which) ?? 0;
    const entry = this.entries[at];
    if (entry === undefined || !isOf(entry, kind)) throw new Error(`there is no ${kind} to bend`);
    this.entries[at] = LedgerEntry.parse({ ...entry, data: { ...entry.data, ...change(entry) } });
    return this;
  }
}

function isOf<K extends LedgerEntryKind>(entry: LedgerEntry, kind: K): entry is EntryOf<K> {
  return entry.kind === kind;
}

const GLASS_BREAKERS = [
  ['bob', 'safety-1'],
  ['cem', 'operations-2'],
] as const;

/** What the audit says of a story. `shown`: which entries are in the selection; `readable`: of which the fields are. */
export async function audited(
  { entries }: ApprovalStory,
  shown: (index: number) => boolean = () => true,
  readable: (index: number) => boolean = () => true,
) {
  const audit = openApprovalAudit({ sha256 });
  for (const [index, entry] of entries.entries())
    if (shown(index)) audit.take({ index, kind: entry.kind, read: () => (readable(index) ? entry : null) });
  return audit.finish();
}

export async function codesOf(story: ApprovalStory): Promise<string[]> {
  const { findings } = await audited(story);
  return findings.map(({ code }) => code);
}
