import { randomUUID } from 'node:crypto';
import { gateWord } from '@wheelhouse/gate/gate-word';
import { type Action, ActionRequest, ActionVerdict } from '@wheelhouse/protocol/action';
import type { Principal } from '@wheelhouse/protocol/identity';
import type { EntryOf, LedgerEntry, LedgerEntryKind } from '@wheelhouse/protocol/ledger-entry';
import { type Decision, NO_OBLIGATIONS, type PolicyRequest, type Verdict } from '@wheelhouse/protocol/policy';
import { pino } from 'pino';
import type { WordsVault } from '../content/words-vault.ts';
import { LedgerUnavailableError } from '../ledger/ledger-writer.ts';
import { Refusal } from '../problem/refusal.ts';
import type { OpenSession } from '../sessions/session-registry.ts';
import { ActionBook } from './action-book.ts';
import { type ActionCourt, ActionDesk } from './action-desk.ts';
import { ActionGate } from './action-gate.ts';
import { ActionScribe } from './action-scribe.ts';
import { ActionSeal } from './action-seal.ts';
import { ActionViews } from './action-views.ts';
import { ActionWatch } from './action-watch.ts';
import { MemoryActionRecords } from './memory-action-records.ts';
import { SessionActions } from './session-actions.ts';
import { UseDesk } from './use-desk.ts';
import { VerdictDesk } from './verdict-desk.ts';

export const ASKER: Principal = { kind: 'person', id: 'dev', person: 'dev', name: 'Dev', role: 'developer', tenant: 'house' };
export const HUMAN: Principal = { ...ASKER, id: 'ops', person: 'ops', name: 'Ops', role: 'operator' };
export const CALL = { tool: 'refund', arguments: { amount: 5 } };

/** A ledger in memory. `away`: takes nothing; `then`: what happens right after an entry is durable. */
class MemoryLedger {
  readonly entries: LedgerEntry[] = [];
  readonly fault = null;
  away = false;
  then: () => void = () => undefined;

  readonly appendEntryFirst = (entry: LedgerEntry): Promise<number> =>
    this.away ? Promise.reject(new LedgerUnavailableError('away')) : this.appendEntry(entry);

  readonly appendEntry = (entry: LedgerEntry): Promise<number> => {
    this.entries.push(entry);
    this.then();
    return Promise.resolve(this.entries.length - 1);
  };

  readonly lastAbout = <K extends LedgerEntryKind>(kind: K, subject: string): Promise<EntryOf<K> | null> => {
    const isIt = (entry: LedgerEntry): entry is EntryOf<K> =>
      entry.kind === kind && 'action' in entry.data && entry.data.action === subject;
    return Promise.resolve(this.entries.filter(isIt).at(-1) ?? null);
  };
}

/** Keys of people that can be destroyed, without any cipher. */
class MemoryVault implements WordsVault {
  readonly erased = new Set<string>();
  readonly ensure = () => Promise.resolve();
  readonly seal = (_: string, plain: string) => plain;
  readonly open = (subject: string, sealed: string) => (this.erased.has(subject) ? null : sealed);
}

/** No charter, until one is adopted; its votes are tested with a real one in test/e2e/model-actions.test.ts. */
class MemoryCourt implements ActionCourt {
  inForce = false;
  readonly has = () => false;
  readonly isOpen = () => false;
  readonly asksFor = () => (this.inForce ? ('votes' as const) : ('nothing' as const));
  readonly propose = () => Promise.resolve();
  readonly withdraw = () => Promise.resolve();
  readonly refuseOneMore = (instead: string) => {
    if (this.inForce) throw new Refusal('charter_in_force', instead);
  };
}

const log = pino({ level: 'silent' });

export function decisionOf(what: Verdict): Decision {
  return { verdict: what, policies: ['p'], obligations: NO_OBLIGATIONS, errors: [], bundle: 'b' };
}

/** How it came out: `done`, or the code that it was refused with. */
export function codeOf(work: Promise<unknown>): Promise<string> {
  return work.then(
    () => 'done',
    (error: unknown) => (error instanceof Refusal ? error.problem.code : error instanceof LedgerUnavailableError ? 'ledger' : 'thrown'),
  );
}

/** The desks of actions over a database, a ledger and a charter in memory, for tests: `restart` builds them anew over the same. */
export class MemoryDesks {
  records = new MemoryActionRecords();
  readonly ledger = new MemoryLedger();
  readonly vault = new MemoryVault();
  readonly court = new MemoryCourt();
  /** What policy says to everything, and what it was asked. */
  verdict: Verdict | 'throws' = 'hold';
  readonly requests: PolicyRequest[] = [];
  clock = 1_000_000;
  readonly openSessions = new Set<string>();
  house = this.#build();

  async restart(): Promise<void> {
    this.house = this.#build();
    await this.house.watch.load();
  }

  ask(id: string = randomUUID(), what: object = CALL): Promise<Action> {
    return this.house.desk.ask(ASKER, ActionRequest.parse({ id, ...what, expiresInSeconds: 60 }));
  }

  decide({ id, digest }: Action, what: object = {}): Promise<Action> {
    return this.house.verdicts.decide(HUMAN, id, ActionVerdict.parse({ outcome: 'approve', digest, ...what }));
  }

  look(id: string): Promise<Action> {
    return this.house.desk.get(HUMAN, id, { waitMs: 0, signal: new AbortController().signal });
  }

  kinds(): string[] {
    return this.ledger.entries.map(({ kind }) => kind);
  }

  /** What a start builds over the same database and ledger. */
  #build() {
    const { records, ledger, court } = this;
    const now = () => this.clock;
    const book = new ActionBook({ records, log, nowMs: now });
    const seal = new ActionSeal(this.vault);
    const views = new ActionViews({ seal, nameOf: (id) => id, reasonOf: () => 'because', hasProposal: court.has });
    const scribe = new ActionScribe({ book, records, ledger, now, log });
    const registry = { get: (session: string) => this.#openSession(session), wordOf: () => gateWord([], 1) };
    const gate = new ActionGate({ policy: this.#policy(), registry, log });
    const shared = { book, records, seal, views, scribe, gate, court, log };
    const isOpen = (session: string) => this.openSessions.has(session);
    const sessionOf = (session: string) => Promise.resolve(isOpen(session) ? { person: 'ops', subject: 'client' } : null);
    return {
      book,
      sessions: new SessionActions({ ...shared, isOpen, sessionOf }),
      desk: new ActionDesk({ ...shared, requireWebhook: () => Promise.resolve() }),
      verdicts: new VerdictDesk({ ...shared, nameOf: (id) => id, now }),
      uses: new UseDesk({ ...shared, ledger, now }),
      watch: new ActionWatch({ book, records, scribe, ledger, isOpen, isVotedOn: court.isOpen, now, log }),
    };
  }

  #policy() {
    return {
      decide: (request: PolicyRequest) => {
        this.requests.push(request);
        if (this.verdict === 'throws') throw new Error('Cedar fell over');
        return decisionOf(this.verdict);
      },
      tools: () => ({}),
      reasonOf: () => '',
    };
  }

  #openSession(session: string): OpenSession | undefined {
    if (!this.openSessions.has(session)) return undefined;
    const facts = { session, tenant: 'house', deployment: 'd', model: 'm', level: 1 } as const;
    const rest = { tick: 0, sequence: 0, head: new Uint8Array(0) };
    const idle = { slot: 0, state: 'waiting', thread: null, waitingSince: 0, ticket: null, ending: null } as const;
    return { facts, engine: 'relay', openedAt: '', openedBy: 'ops', rest, cleanRest: true, ...idle };
  }
}
