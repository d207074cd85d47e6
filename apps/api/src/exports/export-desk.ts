import { randomUUID } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { subject } from '@casl/ability';
import { abilitiesOf, ACROSS_TENANTS } from '@wheelhouse/access/abilities';
import { personBehind } from '@wheelhouse/gate/order-book';
import type { Export, ExportLink, ExportRequest } from '@wheelhouse/protocol/export';
import { type Actor, HOUSE_TENANT, type Principal } from '@wheelhouse/protocol/identity';
import type { LedgerEntry } from '@wheelhouse/protocol/ledger-entry';
import { shownWords } from '../content/erased-words.ts';
import type { Approval, Case } from '../charter/act-port.ts';
import type { Court } from '../charter/court.ts';
import { actorOf } from '../identity/principals.ts';
import { entryOf } from '../ledger/new-entry.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { CheckpointGuard } from '../policy/checkpoint-guard.ts';
import { Refusal } from '../problem/refusal.ts';
import { withoutAbsent } from './entry-formats.ts';
import { type BookedExport, isDue, mayConfirm, needsConfirmation } from './export-book.ts';
import { problemInWords } from './export-error.ts';
import type { ExportKeeper } from './export-keeper.ts';
import { FILE_TYPES } from './export-maker.ts';
import type { LinkSigner } from './export-link.ts';

type Parts = {
  readonly keeper: ExportKeeper;
  readonly ledger: Ledger;
  readonly signer: LinkSigner;
  readonly nameOf: (id: string) => string;
  /** The address that people reach the server under. */
  readonly url: string;
  readonly linkMs: number;
  /** Where exports that show everything are proposed, once a charter is in force. */
  readonly court: Court;
  /** The checkpoint `record.export`. */
  readonly guard: CheckpointGuard;
};

/** Exports that wait or are being made. More than these, and asking has to wait. */
const MOST_UNDER_WAY = 50;

/** Takes requests for exports, second persons' confirmations, and gives out links. The record first, then the file (law 2). */
export class ExportDesk {
  readonly #parts: Parts;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  async ask(by: Principal, request: ExportRequest): Promise<Export> {
    const { court } = this.#parts;
    const id = randomUUID();
    // Whoever proposes it is asked there whether they may.
    if (court.inForce && needsConfirmation(request)) {
      const { format, report = null, profile, reason } = request;
      const act = { power: 'record.export', format, report, profile, filter: asJson(withoutAbsent(request.filter)) } as const;
      await court.propose(by, { id, act, reason });
      return this.#view(this.#known(id));
    }
    this.requireAsker(by, request);
    return this.#inTurn(async () => {
      await this.#book(id, request, actorOf(by));
      const one = this.#known(id);
      if (isDue(one)) this.#parts.keeper.enqueue(id);
      return this.#view(one);
    });
  }

  /** Refuses whoever may not ask for this export, by their role or by policy. */
  requireAsker(by: Principal, request: Pick<ExportRequest, 'profile'>): void {
    requireExport(by, 'ask');
    if (by.kind === 'key' && needsConfirmation(request))
      throw new Refusal(
        'forbidden',
        'A key may not ask for an export that shows everything: that takes two people. Choose another profile.',
      );
    this.#parts.guard.require(by, {
      checkpoint: 'record.export',
      resource: { kind: 'export', id: 'new', tenant: HOUSE_TENANT },
      // No engine has a part in this: nothing runs at a level.
      context: { level: 1, deployment: '', model: '', profile: request.profile },
    });
  }

  /** Books what a proposal asks for, under the proposal's id. */
  begin(request: ExportRequest, { proposal, by }: Case): Promise<void> {
    return this.#inTurn(async () => {
      const known = this.#parts.keeper.get(proposal);
      if (known === undefined) await this.#book(proposal, request, by);
      else if (!isSame(known, request) || personBehind(known.askedBy) !== personBehind(by))
        throw new Refusal('conflict', 'An export with this id exists already; choose a new id.');
    });
  }

  /** Has an export made by a quorum's approval. */
  approve(request: ExportRequest, { proposal, proposer, by, at, cause, record }: Approval): Promise<void> {
    return this.#inTurn(async () => {
      const { keeper } = this.#parts;
      const one = this.#known(proposal);
      if (!isSame(one, request)) throw new Refusal('conflict', `Export ${proposal} was asked for with another content.`);
      const state = keeper.stateOf(one);
      if (state !== 'waits') throw new Refusal('conflict', `Export ${proposal} does not wait for anybody: it is ${state}.`);
      const data = { export: proposal, askedBy: personBehind(proposer), proposal };
      const entry = entryOf('export.confirmed', data, by, { cause, at });
      keeper.apply(entry, await record(entry));
      keeper.enqueue(proposal);
    });
  }

  async #book(id: string, request: ExportRequest, by: Actor): Promise<void> {
    const { keeper } = this.#parts;
    if (keeper.all().filter((one) => isDue(one) || keeper.stateOf(one) === 'waits').length >= MOST_UNDER_WAY)
      throw new Refusal('rate_limited', `${MOST_UNDER_WAY} exports wait or are being made already. Ask again when some of them are done.`);
    const { format, report, profile, reason } = request;
    const filter = asJson(withoutAbsent(request.filter));
    const data = { export: id, format, ...(report === undefined ? {} : { report }), profile, filter, reason };
    await this.#record(entryOf('export.asked', data, by));
  }

  confirm(by: Principal, id: string): Promise<Export> {
    return this.#inTurn(async () => {
      requireExport(by, 'confirm');
      const one = this.#known(id);
      this.#parts.court.refuseOneMore(`POST /v1/proposals/${id}/votes`);
      const state = this.#parts.keeper.stateOf(one);
      if (state !== 'waits') throw new Refusal('conflict', `Export ${id} does not wait for anybody: it is ${state}.`);
      if (!mayConfirm(one, actorOf(by)))
        throw new Refusal('same_person', 'You asked for this export yourself, or a key of yours did: somebody else has to confirm it.');
      await this.#record(
        entryOf('export.confirmed', { export: id, askedBy: personBehind(one.askedBy) }, actorOf(by), { cause: one.cause }),
      );
      this.#parts.keeper.enqueue(id);
      return this.#view(this.#known(id));
    });
  }

  list(by: Principal, cursor: string | null, limit: number): { items: Export[]; next: string | null } {
    requireExport(by, 'read');
    const before = cursor === null ? Number.POSITIVE_INFINITY : Number(cursor);
    const found = this.#parts.keeper.all().filter((one) => one.entry < before);
    const items = found.reverse().slice(0, limit);
    return { items: items.map((one) => this.#view(one)), next: found.length > limit ? String(items.at(-1)?.entry ?? 0) : null };
  }

  get(by: Principal, id: string): Export {
    requireExport(by, 'read');
    return this.#view(this.#known(id));
  }

  /** An address that the file can be fetched from for a while, by whoever has it. */
  link(by: Principal, id: string): ExportLink {
    requireExport(by, 'read');
    const one = this.#known(id);
    // What shows everything is not handed to programs, whoever asked for it.
    if (by.kind === 'key' && needsConfirmation(one)) throw new Refusal('forbidden', 'A key may not fetch an export that shows everything.');
    this.#parts.keeper.fileOf(one);
    const until = Date.now() + this.#parts.linkMs;
    const query = this.#parts.signer.sign({ export: id, until, to: actorOf(by) });
    return { url: new URL(`/v1/exports/${id}/file?${query}`, this.#parts.url).href, until: new Date(until).toISOString() };
  }

  /** The file that a link opens, once it is written down who fetches it. `note` false: nothing of it is going to leave. */
  async open(id: string, query: unknown, note: boolean): Promise<ReturnType<ExportKeeper['fileOf']>> {
    const claims = this.#parts.signer.open(id, query);
    if (claims === null)
      throw new Refusal(
        'unauthenticated',
        'This is not a link that was given out, or it was changed. POST /v1/exports/:id/link gives one.',
      );
    if (Date.now() >= claims.until) throw new Refusal('unauthenticated', 'This link has ended. POST /v1/exports/:id/link gives another.');
    const one = this.#known(id);
    const file = this.#parts.keeper.fileOf(one);
    if (note) await this.#parts.ledger.appendFirst('export.fetched', { export: id }, claims.to, { cause: one.cause });
    return file;
  }

  async #record(entry: LedgerEntry): Promise<void> {
    this.#parts.keeper.apply(entry, await this.#parts.ledger.appendEntryFirst(entry));
  }

  #known(id: string): BookedExport {
    const one = this.#parts.keeper.get(id);
    if (one === undefined) throw new Refusal('not_found', `There is no export ${id}.`);
    return one;
  }

  #view(one: BookedExport): Export {
    const { keeper, nameOf } = this.#parts;
    const { outcome, confirmed } = one;
    const state = keeper.stateOf(one);
    return {
      id: one.id,
      state,
      format: one.format,
      report: one.report,
      profile: one.profile,
      filter: one.filter,
      reason: shownWords(one.askedBy, one.reason),
      entry: one.entry,
      ...askedView(one.askedBy, one.askedAt, nameOf),
      confirmedBy: confirmed?.by ?? null,
      confirmedByName: confirmed === null ? null : nameOf(confirmed.by.id),
      confirmedAt: confirmed?.at ?? null,
      progress: outcome?.type === 'made' ? 1 : keeper.progressOf(one.id),
      made: outcome?.type === 'made' ? outcome.made : null,
      fileName: fileNameOf(one),
      madeAt: outcome?.type === 'made' ? outcome.at : null,
      expiresAt: keeper.expiryOf(one),
      problem: outcome?.type === 'failed' ? { code: outcome.problem, detail: problemInWords(outcome.problem) } : null,
    };
  }

  /** One permissive act after the other: what was decided still holds when it is written. */
  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#turn.then(work, work);
    this.#turn = turn.catch(() => undefined);
    return turn;
  }
}

function isSame(one: BookedExport, { format, report, profile, filter, reason }: ExportRequest): boolean {
  const asked = { format, report: report ?? null, profile, filter: asJson(withoutAbsent(filter)), reason };
  const booked = {
    format: one.format,
    report: one.report,
    profile: one.profile,
    filter: asJson(withoutAbsent(one.filter)),
    reason: one.reason,
  };
  return isDeepStrictEqual(asked, booked);
}

function askedView(askedBy: Actor, askedAt: string, nameOf: (id: string) => string) {
  return { askedBy, askedByName: nameOf(askedBy.id), askedAt };
}

/** The record is the house's: exports are for those who may see all of it. */
function requireExport(by: Principal, act: 'ask' | 'confirm' | 'read'): void {
  if (abilitiesOf(by).can(act, subject('Export', { tenant: ACROSS_TENANTS }))) return;
  throw new Refusal(
    'forbidden',
    `You may not ${act === 'read' ? 'see' : act} exports: that is for reviewers and administrators of the house.`,
  );
}

/** Under which name the file is offered. */
export function fileNameOf({ id, format, report, askedAt }: BookedExport): string {
  const what = report ?? (format === 'pdf' ? 'record' : 'ledger');
  return `wheelhouse-${what}-${askedAt.slice(0, 10)}-${id.slice(0, 8)}.${FILE_TYPES[format].ending}`;
}

function asJson(filter: Record<string, unknown>): Record<string, string> {
  return Object.fromEntries(Object.entries(filter).map(([name, value]) => [name, String(value)]));
}
