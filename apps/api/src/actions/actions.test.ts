import { randomUUID } from 'node:crypto';
import { gateWord } from '@wheelhouse/gate/gate-word';
import { type Action, ActionVerdict } from '@wheelhouse/protocol/action';
import type { Principal } from '@wheelhouse/protocol/identity';
import type { EntryOf, LedgerEntry, LedgerEntryKind } from '@wheelhouse/protocol/ledger-entry';
import { type Decision, NO_OBLIGATIONS, type Verdict } from '@wheelhouse/protocol/policy';
import { pino } from 'pino';
import { beforeEach, describe, expect, it } from 'vitest';
import type { WordsVault } from '../content/words-vault.ts';
import { LedgerUnavailableError } from '../ledger/ledger-writer.ts';
import { Refusal } from '../problem/refusal.ts';
import type { OpenSession } from '../sessions/session-registry.ts';
import { ActionBook } from './action-book.ts';
import { ActionDesk } from './action-desk.ts';
import { ActionScribe } from './action-scribe.ts';
import { ActionSeal } from './action-seal.ts';
import { ActionViews } from './action-views.ts';
import { ActionWatch } from './action-watch.ts';
import { MemoryActionRecords } from './memory-action-records.ts';
import { SessionActions } from './session-actions.ts';
import { ToolGate } from './tool-gate.ts';
import { UseDesk } from './use-desk.ts';
import { VerdictDesk } from './verdict-desk.ts';

const ASKER: Principal = { kind: 'person', id: 'dev', person: 'dev', name: 'Dev', role: 'developer', tenant: 'house' };
const HUMAN: Principal = { ...ASKER, id: 'ops', person: 'ops', name: 'Ops', role: 'operator' };
const CALL = { tool: 'refund', arguments: { amount: 5 } };

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

const log = pino({ level: 'silent' });
let records: MemoryActionRecords;
let ledger: MemoryLedger;
let vault: MemoryVault;
let verdict: Verdict | 'throws';
let clock: number;
let openSessions: Set<string>;
let house: ReturnType<typeof build>;

const decisionOf = (what: Verdict): Decision => ({ verdict: what, policies: ['p'], obligations: NO_OBLIGATIONS, errors: [], bundle: 'b' });

function openSession(session: string): OpenSession | undefined {
  if (!openSessions.has(session)) return undefined;
  const facts = { session, tenant: 'house', deployment: 'd', model: 'm', level: 1 } as const;
  const rest = { tick: 0, sequence: 0, head: new Uint8Array(0) };
  const idle = { slot: 0, state: 'waiting', thread: null, waitingSince: 0, ticket: null, ending: null } as const;
  return { facts, engine: 'relay', openedAt: '', openedBy: 'ops', rest, cleanRest: true, ...idle };
}

/** What a start builds over the same database and ledger. */
function build() {
  const now = () => clock;
  const book = new ActionBook({ records, log, nowMs: now });
  const seal = new ActionSeal(vault);
  const views = new ActionViews({ seal, nameOf: (id) => id, reasonOf: () => 'because' });
  const scribe = new ActionScribe({ book, records, ledger, now, log });
  const policy = {
    decide: () => {
      if (verdict === 'throws') throw new Error('Cedar fell over');
      return decisionOf(verdict);
    },
    tools: () => ({}),
    reasonOf: () => '',
  };
  const gate = new ToolGate({ policy, registry: { get: openSession, wordOf: () => gateWord([], 1) }, log });
  const shared = { book, records, seal, views, scribe, gate, log };
  const isOpen = (session: string) => openSessions.has(session);
  const sessions = new SessionActions({
    ...shared,
    isOpen,
    sessionOf: (session) => Promise.resolve(isOpen(session) ? { person: 'ops', subject: 'client' } : null),
  });
  return {
    book,
    sessions,
    desk: new ActionDesk({ ...shared, requireWebhook: () => Promise.resolve() }),
    verdicts: new VerdictDesk({ ...shared, nameOf: (id) => id, now }),
    uses: new UseDesk({ ...shared, ledger, now }),
    watch: new ActionWatch({ book, records, scribe, ledger, isOpen, now, log }),
  };
}

async function restart(): Promise<void> {
  house = build();
  await house.watch.load();
}

beforeEach(() => {
  records = new MemoryActionRecords();
  ledger = new MemoryLedger();
  vault = new MemoryVault();
  verdict = 'hold';
  clock = 1_000_000;
  openSessions = new Set();
  house = build();
});

const ask = (id: string = randomUUID()) => house.desk.ask(ASKER, { id, ...CALL, agent: '', reason: '', expiresInSeconds: 60 });
const decide = ({ id, digest }: Action, what: object = {}) =>
  house.verdicts.decide(HUMAN, id, ActionVerdict.parse({ outcome: 'approve', digest, ...what }));
const look = (id: string) => house.desk.get(HUMAN, id, { waitMs: 0, signal: new AbortController().signal });
const codeOf = (work: Promise<unknown>) =>
  work.then(
    () => 'done',
    (error: unknown) => (error instanceof Refusal ? error.problem.code : error instanceof LedgerUnavailableError ? 'ledger' : 'thrown'),
  );
const kinds = () => ledger.entries.map(({ kind }) => kind);

describe('a crash', () => {
  it('after the row and before the entry leaves nothing', async () => {
    ledger.away = true;
    const id = randomUUID();
    // The row can't be taken back either: the process is gone.
    records.remove = () => Promise.reject(new Error('gone'));
    expect(await codeOf(ask(id))).toBe('ledger');
    expect(records.rows.size).toBe(1);
    ledger.away = false;
    records = Object.assign(new MemoryActionRecords(), { rows: records.rows });
    await restart();
    expect(records.rows.size).toBe(0);
    expect((await ask(id)).state).toBe('pending');
  });

  it('after the entry of a decision and before its row leaves the decision, with its content', async () => {
    const asked = await ask();
    records.settle = () => Promise.reject(new Error('gone'));
    await decide(asked, { outcome: 'edit', arguments: { amount: 1 } });
    await house.book.flush();
    expect(records.rows.get(asked.id)?.state).toBe('pending');
    records = Object.assign(new MemoryActionRecords(), { rows: records.rows });
    await restart();
    expect(await look(asked.id)).toMatchObject({ state: 'edited', decidedBy: 'ops', edited: { arguments: { amount: 1 } } });
    await house.book.flush();
    expect(records.rows.get(asked.id)?.state).toBe('edited');
  });

  it('before the entry of a decision leaves it undecided, whatever was staged', async () => {
    const asked = await ask();
    ledger.away = true;
    records.stage = (id, settled) => {
      const row = records.rows.get(id);
      if (row !== undefined && settled !== null) records.rows.set(id, { ...row, settled });
      return settled === null ? Promise.reject(new Error('gone')) : Promise.resolve();
    };
    expect(await codeOf(decide(asked))).toBe('ledger');
    expect(records.rows.get(asked.id)?.settled?.state).toBe('approved');
    ledger.away = false;
    records = Object.assign(new MemoryActionRecords(), { rows: records.rows });
    await restart();
    expect(await look(asked.id)).toMatchObject({ state: 'pending', decidedBy: null });
    expect(await codeOf(house.uses.check(ASKER, asked.id, CALL))).toBe('not_ready');
  });

  it('while it is carried out leaves it carried out', async () => {
    const asked = await ask();
    await decide(asked);
    ledger.away = true;
    records.unuse = () => Promise.reject(new Error('gone'));
    expect(await codeOf(house.uses.check(ASKER, asked.id, CALL))).toBe('ledger');
    ledger.away = false;
    await restart();
    expect(await codeOf(house.uses.check(ASKER, asked.id, CALL))).toBe('conflict');
  });
});

describe('a ledger that takes nothing', () => {
  it('keeps everything as it was: asking, deciding, and carrying out', async () => {
    const asked = await ask();
    const approved = await ask();
    await decide(approved);
    ledger.away = true;
    const id = randomUUID();
    expect(await codeOf(ask(id))).toBe('ledger');
    expect(await codeOf(look(id))).toBe('not_found');
    expect(await codeOf(decide(asked))).toBe('ledger');
    expect(await codeOf(house.verdicts.withdraw(ASKER, asked.id))).toBe('ledger');
    expect((await look(asked.id)).state).toBe('pending');
    expect(await codeOf(house.uses.check(ASKER, approved.id, CALL))).toBe('ledger');
    ledger.away = false;
    expect(await codeOf(house.uses.check(ASKER, approved.id, CALL))).toBe('done');
    expect((await decide(asked)).state).toBe('approved');
  });

  it('and a database that is away write nothing', async () => {
    records.away = true;
    expect(await codeOf(ask())).toBe('thrown');
    expect(records.rows.size).toBe(0);
  });
});

describe('time', () => {
  it('ends what nobody decided, once, and a decision that is on its way counts', async () => {
    const [late, quick] = [await ask(), await ask()];
    clock += 60_000;
    expect(await codeOf(decide(late))).toBe('expired');
    expect(house.book.over()).toEqual([late.id, quick.id]);
  });

  it('gives an action no more after a restart than it had, though the clock was set back', async () => {
    const asked = await ask();
    clock -= 3_600_000;
    await restart();
    clock += 59_000;
    expect(house.book.over()).toEqual([]);
    clock += 1000;
    expect(house.book.over()).toEqual([asked.id]);
  });

  it('ends approvals that nobody used', async () => {
    const asked = await ask();
    await decide(asked);
    clock += 60_001;
    expect(await codeOf(house.uses.check(ASKER, asked.id, CALL))).toBe('expired');
  });
});

describe('policy', () => {
  it('that falls over denies, and what it denies by now nobody can approve', async () => {
    const asked = await ask();
    verdict = 'throws';
    expect((await ask()).state).toBe('denied');
    for (const outcome of [{}, { outcome: 'edit', arguments: { amount: 1 } }] as const)
      expect(await codeOf(decide(asked, outcome))).toBe('policy_denied');
    verdict = 'deny';
    expect(await codeOf(decide(asked))).toBe('policy_denied');
    expect((await decide(asked, { outcome: 'reject', reason: 'no' })).state).toBe('rejected');
  });

  it('is asked again when an approval is used, and what it would redact is denied', async () => {
    const asked = await ask();
    await decide(asked);
    verdict = 'deny';
    expect(await codeOf(house.uses.check(ASKER, asked.id, CALL))).toBe('policy_denied');
    verdict = 'allow';
    expect(await codeOf(house.uses.check(ASKER, asked.id, CALL))).toBe('done');
    verdict = 'redact';
    expect((await ask()).state).toBe('denied');
  });
});

describe('a session', () => {
  const session = randomUUID();
  const place = { session, tenant: 'house', deployment: 'd', model: 'm', level: 1 } as const;

  it('asks by the same list, is told of what was decided, and takes what waits with it when it ends', async () => {
    openSessions.add(session);
    const told: Action[] = [];
    house.sessions.onDecided((action) => told.push(action));
    const call = { call: 'c', name: 'refund', arguments: '{"amount":5}' };
    const tool = await house.sessions.askForSession({ ...place, kind: 'tool', call });
    const words = await house.sessions.askForSession({ ...place, kind: 'output', text: 'Hello \ud800', decision: decisionOf('hold') });
    expect([tool.state, words.state, told]).toEqual(['pending', 'pending', []]);
    const shown = await look(tool.id);
    expect(shown).toMatchObject({ kind: 'tool', tool: 'refund', arguments: { amount: 5 }, askedByName: 'The engine', session });
    // Who opened the session did not ask: the engine did.
    await decide(shown);
    expect(told).toMatchObject([{ id: tool.id, state: 'approved', arguments: { amount: 5 } }]);
    expect(await codeOf(decide(await look(words.id), { outcome: 'answer', answer: 'x' }))).toBe('conflict');
    openSessions.delete(session);
    house.sessions.sessionEnded(session);
    await house.book.inTurn(words.id, () => Promise.resolve());
    expect(told.at(-1)).toMatchObject({ id: words.id, state: 'withdrawn' });
  });

  it('of before a restart waits for nothing any more', async () => {
    openSessions.add(session);
    const call = { call: 'c', name: 'refund', arguments: '{}' };
    const { id } = await house.sessions.askForSession({ ...place, kind: 'tool', call });
    const asked = await ask();
    await restart();
    await house.book.inTurn(id, () => Promise.resolve());
    expect([(await look(id)).state, (await look(asked.id)).state]).toEqual(['withdrawn', 'pending']);
  });

  it('that has ended, or calls a tool with what is no JSON, is denied', async () => {
    const call = { call: 'c', name: 'refund', arguments: '{}' };
    expect((await house.sessions.askForSession({ ...place, kind: 'tool', call })).state).toBe('denied');
    openSessions.add(session);
    verdict = 'allow';
    for (const bad of ['{', '{"a":1,"a":2}', '1e400', '"\\ud800"']) {
      const { state } = await house.sessions.askForSession({ ...place, kind: 'tool', call: { ...call, arguments: bad } });
      expect(state, bad).toBe('denied');
    }
    expect((await house.sessions.askForSession({ ...place, kind: 'tool', call: { ...call, arguments: '' } })).state).toBe('allowed');
    expect(new Set(kinds())).toEqual(new Set(['action.asked']));
  });
});

describe('a person who is erased', () => {
  it('takes along what they asked, and leaves what was decided', async () => {
    const asked = await ask();
    await decide(asked, { outcome: 'edit', arguments: { amount: 1 } });
    vault.erased.add('dev');
    expect(await look(asked.id)).toMatchObject({ state: 'edited', arguments: null, edited: { arguments: null }, digest: asked.digest });
    expect((await ask(asked.id)).state).toBe('edited');
  });
});

describe('a burst', () => {
  it('of one person ends where no human could look at it any more', async () => {
    for (let i = 0; i < 500; i += 1) await ask();
    expect(await codeOf(ask())).toBe('rate_limited');
  });
});
