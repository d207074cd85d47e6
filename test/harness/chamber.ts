import { randomUUID } from 'node:crypto';
import type { Role } from '@wheelhouse/protocol/identity';
import type { ProposedAct } from '@wheelhouse/protocol/proposed-act';
import type { ProposalView } from '@wheelhouse/protocol/proposal';
import { Rest } from '@wheelhouse/sdk/rest';
import { TestDatabase } from './database.ts';
import { found, type Overseer, overseer, overseers, propose, vote } from './founders.ts';
import { type SignedIn, TestServer } from './server.ts';
import { until } from './until.ts';

/**
 * A server with a charter in force, drafted for its people (operations-1, safety-1, operations-2, safety-2, operations-3 in their order; each is an
 * alternate for the two before them), and what tests do there again and again.
 */
export class Chamber {
  readonly server: TestServer;
  readonly people: readonly Overseer[];
  readonly database: TestDatabase;

  private constructor(server: TestServer, people: readonly Overseer[]) {
    this.server = server;
    this.people = people;
    this.database = new TestDatabase(server);
  }

  /** Starts a server and founds a charter for `count` people, the first an administrator, the others of `role`. `edit` changes the draft. */
  static async open(
    count: number,
    edit: (draft: string) => string = brisk,
    env: Record<string, string> = {},
    role: Role = 'operator',
  ): Promise<Chamber> {
    const server = await TestServer.start(env);
    try {
      const people = await overseers(server, count, role);
      const view = await found(people, edit);
      if (view.state !== 'executed') throw new Error(`the charter was not founded: ${view.explanation.join(' ')}`);
      return new Chamber(server, people);
    } catch (error) {
      await server.dispose();
      throw error;
    }
  }

  person(i: number): Overseer {
    const person = this.people[i];
    if (person === undefined) throw new Error(`there are ${this.people.length} people`);
    return person;
  }

  /** Somebody with an account and a passkey that counts, whom the charter does not know. */
  async outsider(): Promise<Overseer> {
    return overseer(this.server, await this.server.person(this.person(0), 'operator'));
  }

  /** An order that leaves a latch, on a session of its own. */
  async latch(by: SignedIn = this.person(0), kind: 'stop' | 'hold' | 'mute' = 'stop'): Promise<{ session: string; latch: string }> {
    const { session } = await by.api.openSession();
    const latch = randomUUID();
    await by.api.order({ id: latch, kind, scope: { type: 'session', session: session.id }, reason: 'a test' });
    return { session: session.id, latch };
  }

  /** A proposal to release a latch of its own. */
  async release(by: Overseer = this.person(0)): Promise<ProposalView & { latch: string }> {
    const { latch } = await this.latch();
    return { ...(await propose(by, { power: 'latch.release', latch })), latch };
  }

  /** Proposes, and has these people vote yes. */
  async decide(by: Overseer, act: ProposedAct, voters: readonly Overseer[]): Promise<ProposalView> {
    let view = await propose(by, act);
    for (const voter of voters) view = await vote(voter, view.id);
    return view;
  }

  async isLatched(latch: string): Promise<boolean> {
    return (await this.person(0).api.latches()).some(({ order }) => order === latch);
  }

  /** A proposal, once it is in this state. */
  reaches(id: string, state: ProposalView['state'], by: Overseer = this.person(0)): Promise<ProposalView> {
    return until(`the proposal to be ${state}`, async () => {
      const view = await by.charter.proposal(id);
      return view.state === state ? view : null;
    });
  }

  /** How many entries of a kind the ledger has that say `text` (an id). */
  async entries(kind: string, text = ''): Promise<number> {
    const rows = await this.database.query('SELECT opening FROM ledger_entry WHERE kind = $1', [kind]);
    return rows.filter(({ opening }) => String(opening).includes(text)).length;
  }

  /** Ends every delegation, each by the one who gave it. */
  async endDelegations(): Promise<void> {
    for (const { id, from } of (await this.person(0).charter.charter()).delegations) {
      const giver = this.people.find((person) => person.id === from);
      if (giver !== undefined) await new Rest(this.server.url, giver).send('POST', `/v1/charter/delegations/${id}/end`);
    }
  }

  dispose(): Promise<void> {
    return this.server.dispose();
  }
}

/** The draft without notice periods: what has its quorum passes at once. */
export function brisk(draft: string): string {
  return draft.replaceAll(/notice: \w+/g, 'notice: 0s');
}

/** A charter's text with a rule of one of its powers set. */
export function withRule(text: string, power: string, rule: string): string {
  const [key = ''] = rule.split(':');
  const lines = text.split('\n');
  const at = lines.indexOf(`  ${power}:`);
  if (at < 0) throw new Error(`the draft has no power ${power}`);
  const length = lines.slice(at + 1).findIndex((line) => !line.startsWith('    '));
  const body = lines.slice(at + 1, at + 1 + length).filter((line) => !line.startsWith(`    ${key}:`));
  return [...lines.slice(0, at + 1), ...body, `    ${rule}`, ...lines.slice(at + 1 + length)].join('\n');
}

/** A charter's text as its next version. */
export function nextVersion(text: string, version: number): string {
  return text.replace(/^version: \d+/m, `version: ${version}`);
}

/** How long from now, as the API takes times. */
export function inMs(ms: number): string {
  return new Date(Date.now() + ms).toISOString();
}
