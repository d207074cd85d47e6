import type { AdoptedCharter } from '@wheelhouse/charter/charter-record';
import { toBase64 } from '@wheelhouse/ledger/base64';
import { formatOpening, parseOpening, redact } from '@wheelhouse/ledger/disclosure';
import { sha256 } from '@wheelhouse/installation/node-crypto';
import type { StoredEntry } from '@wheelhouse/protocol/ledger-entry';
import type { LatchKind } from '@wheelhouse/protocol/order';
import type { PublicCharter, Transparency } from '@wheelhouse/protocol/transparency';
import type { CharterDesk } from '../charter/charter-desk.ts';
import type { CharterKeeper } from '../charter/charter-keeper.ts';
import type { ProposalViews } from '../charter/proposal-view.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { PublishedHead } from '../ledger/published-head.ts';
import type { WitnessDesk } from '../ledger/witness-desk.ts';
import type { OrderBookKeeper } from '../orders/order-book-keeper.ts';

type Parts = {
  readonly keeper: CharterKeeper;
  readonly charter: CharterDesk;
  readonly views: ProposalViews;
  readonly orders: OrderBookKeeper;
  readonly ledger: Ledger;
  readonly published: PublishedHead;
  readonly witnesses: Pick<WitnessDesk, 'report'>;
};

const DAYS = 365;
const DAY_MS = 86_400_000;
/** The page is for anybody, so it is made anew at most this often. */
const FRESH_MS = 2000;
/** Of the entry that adopted a charter, what everybody sees. Who voted is not among it. */
const SHOWN: ReadonlySet<string> = new Set(['data.charterText', 'data.name', 'data.version', 'time']);

/** What everybody may know of an installation, and can check: the charter, its history, and how often humans overrode the engine. */
export class TransparencyDesk {
  readonly #parts: Parts;
  #made: { readonly at: number; readonly page: Promise<Transparency> } | null = null;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  page(): Promise<Transparency> {
    const now = performance.now();
    if (this.#made !== null && now - this.#made.at < FRESH_MS) return this.#made.page;
    const page = this.#make();
    this.#made = { at: now, page };
    page.catch(() => {
      this.#made = null;
    });
    return page;
  }

  async #make(): Promise<Transparency> {
    const { keeper, charter, views, ledger } = this.#parts;
    const { people, bodies, seats, powers, ceiling } = charter.view({ person: '' });
    const checkpoint = this.#checkpoint();
    const charters: PublicCharter[] = [];
    for (const adopted of keeper.record.history.toReversed()) charters.push(await this.#charter(adopted));
    const notices = [...keeper.record.proposals.pending()].flatMap((file) => {
      const passesAt = views.passesAt(file);
      const { power, openedAt } = file.life.proposal;
      return passesAt === null ? [] : [{ power, openedAt: isoOf(openedAt), passesAt: isoOf(passesAt) }];
    });
    return {
      ...{ charters, people, seats, powers, ceiling, notices },
      bodies: bodies.map(({ id, title }) => ({ id, title })),
      proposals: this.#proposals(),
      overrides: this.#overrides(),
      breakGlass: this.#breakGlass(),
      ...{ checkpoint, key: ledger.identity.verifierKey, witnesses: this.#witnesses(), at: isoOf(keeper.now()) },
    };
  }

  /** Who they are, and no more: how they fare, and which of them may have seen a fork, is for reviewers first. */
  #witnesses(): Transparency['witnesses'] {
    const { quorum, witnesses } = this.#parts.witnesses.report();
    return { quorum, keys: witnesses.map(({ name, key }) => ({ name, key })) };
  }

  #checkpoint(): string {
    return this.#parts.published.head?.checkpoint ?? this.#parts.ledger.checkpoint;
  }

  async #charter({ name, version, text, adoptedAt, entry }: AdoptedCharter): Promise<PublicCharter> {
    const { ledger, published } = this.#parts;
    const [whole] = await ledger.entries(entry, 1);
    if (whole === undefined) throw new Error(`the ledger has no entry ${entry}`);
    const stored = shownOf(whole);
    const head = published.head ?? ledger.head;
    const covered = head !== null && head.size > entry;
    const hashes = covered ? (await ledger.proofs.inclusion(entry, head.size)).map(toBase64) : [];
    const proof = covered ? { index: entry, size: head.size, leafHash: stored.leafHash, hashes, checkpoint: head.checkpoint } : null;
    return { name, version, text, adoptedAt: isoOf(adoptedAt), stored, proof };
  }

  #proposals(): Transparency['proposals'] {
    const states = [...this.#parts.keeper.record.proposals.all()].map(({ life }) => life.state);
    const open = states.filter((state) => state === 'open' || state === 'passed').length;
    const executed = states.filter((state) => state === 'executed').length;
    return { executed, open, notExecuted: states.length - executed - open };
  }

  #overrides(): Transparency['overrides'] {
    const { orders, keeper } = this.#parts;
    const since = keeper.now() - DAYS * DAY_MS;
    const recent = [...orders.orders.values()].filter(({ ack }) => Date.parse(ack.receivedAt) >= since && ack.kind !== 'whisper');
    const times = recent.map(({ ack }) => ack.gateClosedUs).sort((a, b) => a - b);
    const given = (kind: LatchKind) => recent.filter(({ ack }) => ack.kind === kind).length;
    return {
      days: DAYS,
      byKind: { hold: given('hold'), mute: given('mute'), stop: given('stop'), take_over: given('take_over'), level: given('level') },
      inForce: orders.book.latches.size,
      gateClosedUs: { p50: quantile(times, 0.5), p99: quantile(times, 0.99) },
    };
  }

  #breakGlass(): Transparency['breakGlass'] {
    const { glass } = this.#parts.keeper.record;
    const broken = glass.all().filter((file) => file.broken !== null);
    const drills = broken.filter(({ practice }) => practice).length;
    return { broken: broken.length - drills, drills, overdue: glass.overdue(this.#parts.keeper.now()).length };
  }
}

function shownOf(entry: StoredEntry): StoredEntry {
  const items = parseOpening(entry.opening);
  if (!items.ok) throw new Error(`the opening of entry ${entry.index} can't be read`);
  return { ...entry, opening: formatOpening(redact(items.value, (field) => SHOWN.has(field), sha256)) };
}

/** Nearest rank; null of nothing. */
function quantile(sorted: readonly number[], q: number): number | null {
  return sorted[Math.max(0, Math.ceil(sorted.length * q) - 1)] ?? null;
}

function isoOf(at: number): string {
  return new Date(at).toISOString();
}
