import { scopeCovers } from '@wheelhouse/ledger/scope-cover';
import type { Actor } from '@wheelhouse/protocol/identity';
import type { LedgerEntry } from '@wheelhouse/protocol/ledger-entry';
import { scopeInWords } from '@wheelhouse/protocol/scope';
import type { PersonRow } from './log-reader.ts';
import { personBehind } from './person-behind.ts';

type Of<K extends LedgerEntry['kind']> = Extract<LedgerEntry, { kind: K }>;
type Placed<K extends LedgerEntry['kind']> = { readonly index: number; readonly entry: Of<K> };

/** Ticks without a break, from one entry of evidence to another. */
export type TickRange = {
  fromTick: number;
  toTick: number;
  firstEntry: number;
  lastEntry: number;
  firstOut: number;
  lastOut: number;
  withheld: number;
  late: number;
};
export type Release = {
  readonly entry: number;
  readonly time: string;
  readonly askedBy: string;
  readonly confirmedBy: string;
  readonly reason: string;
};
export type MetOrder = {
  readonly order: string;
  readonly number: number;
  readonly kind: string;
  readonly scope: string;
  readonly reason: string;
  readonly by: string;
  readonly time: string;
  readonly gateClosedUs: number;
  readonly entry: number;
  /** Null for an order that was in force already when the session came under it. */
  readonly met: { readonly tick: number; readonly lastSequence: number; readonly settled: boolean; readonly entry: number } | null;
  readonly release: Release | null;
};

/** What the ledger says about one session, and which of its entries are proved to be in the tree of the last signed head. */
export type SessionStory = {
  readonly session: string;
  readonly opened: {
    readonly entry: number;
    readonly time: string;
    readonly by: string;
    readonly tenant: string;
    readonly deployment: string;
    readonly level: number;
  } | null;
  readonly ticks: readonly TickRange[];
  readonly ended: { readonly entry: number; readonly time: string; readonly reason: string } | null;
  readonly orders: readonly MetOrder[];
  readonly proofs: { readonly checked: number; readonly good: number; readonly size: number };
};

/** Collects, entry by entry, what a session met. */
export class SessionWalk {
  readonly session: string;
  /** Leaf hashes of the entries of this story, by index. */
  readonly leaves = new Map<number, Uint8Array>();
  #opened: Placed<'session.opened'> | null = null;
  #ended: Placed<'session.ended'> | null = null;
  readonly #ticks: TickRange[] = [];
  readonly #orders = new Map<
    string,
    { given: Placed<'order.given'>; leaf: Uint8Array; met: MetOrder['met']; covers: boolean; release: Placed<'latch.released'> | null }
  >();
  readonly #asked = new Map<string, { placed: Placed<'release.asked'>; leaf: Uint8Array }>();

  constructor(session: string) {
    this.session = session;
  }

  entry(index: number, entry: LedgerEntry, leaf: Uint8Array): void {
    switch (entry.kind) {
      case 'session.opened':
      case 'session.attached':
      case 'session.segment':
      case 'session.ended':
        if (entry.data.session !== this.session) return;
        this.leaves.set(index, leaf);
        this.#own(index, entry);
        return;
      case 'order.given':
        this.#orders.set(entry.data.order, { given: { index, entry }, leaf, met: null, covers: false, release: null });
        return;
      case 'order.applied':
        this.#applied(index, entry, leaf);
        return;
      case 'release.asked':
        this.#asked.set(entry.data.release, { placed: { index, entry }, leaf });
        return;
      case 'latch.released':
        this.#released(index, entry, leaf);
        return;
      default:
        // The other kinds say nothing that a session's story needs.
        return;
    }
  }

  #own(index: number, entry: Of<'session.opened' | 'session.attached' | 'session.segment' | 'session.ended'>): void {
    switch (entry.kind) {
      case 'session.opened':
        this.#opened = { index, entry };
        this.#standUnder();
        return;
      case 'session.attached':
        this.#standUnder();
        return;
      case 'session.segment':
        this.#segment(index, entry);
        return;
      case 'session.ended':
        this.#ended = { index, entry };
    }
  }

  /** The latches in force that cover the session as it begins or goes on. */
  #standUnder(): void {
    const opened = this.#opened?.entry.data;
    if (opened === undefined) return;
    for (const [id, order] of this.#orders) {
      const { kind, scope } = order.given.entry.data;
      if (order.covers || order.release !== null || kind === 'whisper' || !scopeCovers(scope, opened)) continue;
      order.covers = true;
      this.leaves.set(order.given.index, order.leaf);
      this.#orders.set(id, order);
    }
  }

  #segment(index: number, { data }: Of<'session.segment'>): void {
    const { fromTick, toTick, out, withheld, late } = data;
    const last = this.#ticks.at(-1);
    if (last?.toTick !== fromTick - 1) {
      this.#ticks.push({ fromTick, toTick, firstEntry: index, lastEntry: index, firstOut: out.first, lastOut: out.last, withheld, late });
      return;
    }
    last.toTick = toTick;
    last.lastEntry = index;
    last.lastOut = out.last;
    last.withheld += withheld;
    last.late += late;
  }

  #applied(index: number, { data }: Of<'order.applied'>, leaf: Uint8Array): void {
    const effect = data.sessions.find((each) => each.session === this.session);
    const order = this.#orders.get(data.order);
    if (effect === undefined || order === undefined) return;
    const { tick, lastSequence, settled } = effect;
    order.met = { tick, lastSequence, settled, entry: index };
    this.leaves.set(order.given.index, order.leaf);
    this.leaves.set(index, leaf);
    if (order.release !== null) this.#keepRelease(order.release);
  }

  #released(index: number, entry: Of<'latch.released'>, leaf: Uint8Array): void {
    const order = this.#orders.get(entry.data.latch);
    if (order === undefined) return;
    order.release = { index, entry };
    this.#releaseLeaves.set(index, leaf);
    if (order.met !== null || order.covers) this.#keepRelease(order.release);
  }

  readonly #releaseLeaves = new Map<number, Uint8Array>();

  #keepRelease({ index, entry }: Placed<'latch.released'>): void {
    const leaf = this.#releaseLeaves.get(index);
    if (leaf !== undefined) this.leaves.set(index, leaf);
    const asked = this.#asked.get(entry.data.release);
    if (asked !== undefined) this.leaves.set(asked.placed.index, asked.leaf);
  }

  /** The story in words for people; `people` gives names to ids. */
  tell(people: readonly PersonRow[], proofs: SessionStory['proofs']): SessionStory {
    const name = namer(people);
    const met = [...this.#orders.values()].filter((order) => order.met !== null || order.covers);
    const opened = this.#opened;
    const ended = this.#ended;
    return {
      session: this.session,
      opened:
        opened === null
          ? null
          : {
              entry: opened.index,
              time: opened.entry.time,
              by: name.actor(opened.entry.by),
              tenant: opened.entry.data.tenant,
              deployment: opened.entry.data.deployment,
              level: opened.entry.data.level,
            },
      ticks: this.#ticks,
      ended: ended === null ? null : { entry: ended.index, time: ended.entry.time, reason: ended.entry.data.reason },
      orders: met.map(({ given: { index, entry }, met: effect, release }) => ({
        order: entry.data.order,
        number: entry.data.number,
        kind: entry.data.kind,
        scope: scopeInWords(entry.data.scope),
        reason: entry.data.reason,
        by: name.actor(entry.by),
        time: entry.data.receivedAt,
        gateClosedUs: entry.data.gateClosedUs,
        entry: index,
        met: effect,
        release: release === null ? null : this.#tellRelease(release, name),
      })),
      proofs,
    };
  }

  #tellRelease({ index, entry }: Placed<'latch.released'>, name: Namer): Release {
    const reason = this.#asked.get(entry.data.release)?.placed.entry.data.reason ?? '';
    const { askedBy, proposal, glass } = entry.data;
    const confirmedBy =
      proposal === undefined ? (glass === undefined ? name.actor(entry.by) : `break glass ${glass}`) : `the votes on proposal ${proposal}`;
    return { entry: index, time: entry.time, askedBy: name.person(askedBy), confirmedBy, reason };
  }
}

type Namer = { readonly person: (id: string) => string; readonly actor: (by: Actor) => string };

function namer(people: readonly PersonRow[]): Namer {
  const names = new Map(people.map((row) => [row.id, row.name]));
  const person = (id: string): string => {
    const name = names.get(id);
    return name === undefined ? id : `${name} (${id})`;
  };
  return { person, actor: (by) => (by.kind === 'key' ? `${person(personBehind(by))} with API key ${by.id}` : person(by.id)) };
}
