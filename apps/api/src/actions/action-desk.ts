import { canonicalJson } from '@wheelhouse/ledger/canonical';
import type { Action, ActionRequest, ActionsQuery } from '@wheelhouse/protocol/action';
import type { Principal } from '@wheelhouse/protocol/identity';
import type { Decision, Verdict } from '@wheelhouse/protocol/policy';
import type { Logger } from 'pino';
import type { Court } from '../charter/court.ts';
import { requireProposal } from '../charter/proposal-rights.ts';
import { actorOf } from '../identity/principals.ts';
import { placeOf } from '../notices/place.ts';
import { Refusal } from '../problem/refusal.ts';
import type { OpenSession } from '../sessions/session-registry.ts';
import type { ActionBook } from './action-book.ts';
import type { ActionGate, Thing } from './action-gate.ts';
import type { ActionRecords } from './action-records.ts';
import { mayRead, requireAsk, tenantShown, unknownAction } from './action-rights.ts';
import { type ActionRow, kindAt, powerOf } from './action-row.ts';
import type { ActionScribe } from './action-scribe.ts';
import type { ActionSeal } from './action-seal.ts';
import type { ActionViews } from './action-views.ts';
import { digestOf } from './bound-call.ts';

/** What the desks of actions ask of the charter. */
export type ActionCourt = Pick<Court, 'inForce' | 'has' | 'isOpen' | 'asksFor' | 'propose' | 'withdraw' | 'refuseOneMore'>;

export type ActionDeskParts = {
  readonly book: ActionBook;
  readonly records: ActionRecords;
  readonly seal: ActionSeal;
  readonly views: ActionViews;
  readonly scribe: ActionScribe;
  readonly gate: ActionGate;
  /** Whose votes it takes, where a charter is in force. */
  readonly court: ActionCourt;
  /** Refuses for an id that is no webhook of this caller's. */
  readonly requireWebhook: (by: Principal, id: string) => Promise<void>;
  readonly log: Logger;
};

/** Actions of one person's that may wait at once: more than that no human looks at, and it would bury what the others ask. */
const MOST_WAITING = 500;

/** What policy says, as the state of an action. Nothing can be taken out of a call: what would have to be redacted is denied. */
const STATE_OF: Readonly<Record<Verdict, 'allowed' | 'denied' | 'pending'>> = {
  allow: 'allowed',
  redact: 'denied',
  hold: 'pending',
  deny: 'denied',
};

export function stateOf({ verdict }: Decision): 'allowed' | 'denied' | 'pending' {
  return STATE_OF[verdict];
}

/** Where agents and services ask whether they may do something, and look what became of it. */
export class ActionDesk {
  readonly #parts: ActionDeskParts;

  constructor(parts: ActionDeskParts) {
    this.#parts = parts;
  }

  /** Asks. The answer comes when it is durable in the ledger; the same again gets the same answer. */
  async ask(by: Principal, request: ActionRequest): Promise<Action> {
    requireAsk(by, by.tenant);
    const { book, views } = this.#parts;
    const digest = digestOf(request);
    const row = await book.inTurn(request.id, async () => {
      const known = await book.find(request.id);
      return known === null ? this.#ask(by, request, digest) : this.#repeated(by, request, known);
    });
    // Not in its turn: the votes that decide on it take that turn themselves.
    await this.#openVote(by, row, request.reason);
    return views.of(book.at(row.id) ?? row, by);
  }

  /** One action; with `waitMs`, as it is when it was decided, or when that time is over. */
  async get(by: Principal, id: string, { waitMs, signal }: { waitMs: number; signal: AbortSignal }): Promise<Action> {
    const { book, views } = this.#parts;
    const row = await this.#readable(by, id);
    if (row.state === 'pending') await book.wait(id, waitMs, signal);
    return views.of(book.at(id) ?? row, by);
  }

  /** Newest first. */
  async list(by: Principal, query: ActionsQuery): Promise<{ items: Action[]; next: string | null }> {
    const { records, book, views } = this.#parts;
    const { state = null, session = null, cursor = null, limit } = query;
    const person = by.kind === 'key' ? by.person : null;
    const rows = await records.page({ tenant: tenantShown(by), person, state, session, before: placeOf(cursor), limit: limit + 1 });
    const page = rows.slice(0, limit);
    const last = page.at(-1);
    // What was decided a moment ago, the database may not say yet.
    const items = page.map((row) => book.at(row.id) ?? row).filter((row) => state === null || row.state === state);
    return {
      items: items.map((row) => views.of(row, by)),
      next: rows.length > limit && last !== undefined ? `${last.askedAt.getTime()}_${last.id}` : null,
    };
  }

  async #ask(by: Principal, request: ActionRequest, digest: string): Promise<ActionRow> {
    const { gate, seal, scribe } = this.#parts;
    const { id, checkpoint, tool, agent, reason, expiresInSeconds } = request;
    const kind = kindAt(checkpoint);
    const session = this.#sessionOf(by, request);
    const webhook = request.webhook ?? null;
    if (webhook !== null) await this.#parts.requireWebhook(by, webhook);
    const asker = { kind: by.kind, id: by.id, role: by.role, tenant: by.tenant };
    const thing = gate.thingOf({ kind, tool, session: session?.facts.session ?? null }, request.arguments);
    const takesVotes = this.#requireVotes(by, thing);
    const decision = gate.decide(gate.request(asker, thing));
    const byPolicy = stateOf(decision);
    // What policy allows, the charter may still ask votes for.
    const state = takesVotes && byPolicy === 'allowed' ? 'pending' : byPolicy;
    if (state === 'pending' && this.#waitingOf(by.person) >= MOST_WAITING)
      throw new Refusal(
        'rate_limited',
        `${MOST_WAITING} actions of yours wait for a human already. Wait for some of them, or withdraw them.`,
      );
    const content = await seal.asked(by.person, { arguments: request.arguments, agent, reason });
    const draft = {
      ...{
        id,
        tenant: session?.facts.tenant ?? by.tenant,
        state,
        kind,
        tool,
        digest,
        session: session?.facts.session ?? null,
      },
      ...{ asker: actorOf(by), person: by.person, subject: by.person, content, decision, webhook },
    };
    return scribe.asked(draft, expiresInSeconds, reason);
  }

  #waitingOf(person: string): number {
    const { book } = this.#parts;
    let waiting = 0;
    for (const id of book.pending) if (book.at(id)?.person === person) waiting += 1;
    return waiting;
  }

  /** The same request under the same id gets the same answer; another one is refused. */
  #repeated(by: Principal, request: ActionRequest, row: ActionRow): ActionRow {
    if (row.person !== by.person || !this.#isSame(request, row)) throw otherContent(request.id);
    return row;
  }

  /** Only a call of a tool runs in a session. */
  #sessionOf(by: Principal, { session, checkpoint }: ActionRequest): OpenSession | null {
    if (session === undefined) return null;
    if (checkpoint !== 'tool.call') throw new Refusal('malformed', `At ${checkpoint} there is no session: leave it out.`);
    return this.#parts.gate.sessionOf(by, session);
  }

  /** Whether it takes the votes of the charter in force. Refuses whom they could not be asked for, before anything is written. */
  #requireVotes(by: Principal, { checkpoint }: Thing): boolean {
    if (checkpoint === 'tool.call') return false;
    switch (this.#parts.court.asksFor(checkpoint)) {
      case 'nothing':
        return false;
      case 'another charter':
        throw new Refusal('forbidden', `The charter gives nobody the power ${checkpoint}.`);
      case 'votes':
        requireProposal(by, 'propose', by.tenant);
        return true;
    }
  }

  /** Has the charter's people vote on what waits for them, under the same id. */
  async #openVote(by: Principal, row: ActionRow, reason: string): Promise<void> {
    const { court } = this.#parts;
    const power = powerOf(row);
    if (power === null || row.state !== 'pending' || !court.inForce || court.has(row.id)) return;
    await court.propose(by, { id: row.id, act: { power, action: row.id, name: row.tool, digest: row.digest }, reason });
  }

  #isSame(request: ActionRequest, row: ActionRow): boolean {
    const { checkpoint, tool, session = null, webhook = null, expiresInSeconds } = request;
    const rest = { kind: kindAt(checkpoint), tool, session, webhook, expiresInSeconds };
    const seconds = Math.round((row.expiresAt.getTime() - row.askedAt.getTime()) / 1000);
    const before = { kind: row.kind, tool: row.tool, session: row.session, webhook: row.webhook, expiresInSeconds: seconds };
    if (canonicalJson(rest) !== canonicalJson(before)) return false;
    const asked = this.#parts.seal.openAsked(row);
    // Once erased, what was asked is known by its digest alone.
    if (asked === null) return digestOf(request) === row.digest;
    const { arguments: given, agent, reason } = request;
    return canonicalJson({ given, agent, reason }) === canonicalJson({ given: asked.arguments, agent: asked.agent, reason: asked.reason });
  }

  async #readable(by: Principal, id: string): Promise<ActionRow> {
    const row = await this.#parts.book.find(id);
    if (row === null || !mayRead(by, row)) throw unknownAction(id);
    return row;
  }
}

function otherContent(id: string): Refusal {
  return new Refusal('conflict', `The id ${id} was used before with another request. What was asked first stands; choose a new id.`);
}
