import { randomUUID } from 'node:crypto';
import type { Action } from '@wheelhouse/protocol/action';
import { ActionClient } from '@wheelhouse/sdk/action-client';
import { TestDatabase } from './database.ts';
import { type SignedIn, TestServer } from './server.ts';

/** What the agents of these tests want to do. */
export const REFUND = { tool: 'refund', arguments: { order: 'A-17', amount: 12.5 } };

/** A server with an agent that asks (by a key of a developer's) and a human who decides. */
export class ActionScene {
  readonly server: TestServer;
  readonly database: TestDatabase;
  readonly admin: SignedIn;
  readonly operator: SignedIn;
  readonly developer: SignedIn;
  /** The agent's key. */
  readonly key: string;
  readonly asker: ActionClient;
  readonly human: ActionClient;

  private constructor(server: TestServer, people: Pick<ActionScene, 'admin' | 'operator' | 'developer'>, key: string) {
    this.server = server;
    this.database = new TestDatabase(server);
    this.admin = people.admin;
    this.operator = people.operator;
    this.developer = people.developer;
    this.key = key;
    this.asker = new ActionClient(server.url, { key });
    this.human = this.as(people.operator);
  }

  static async open(env: Record<string, string> = {}): Promise<ActionScene> {
    const server = await TestServer.start(env);
    const admin = await server.firstOperator();
    const operator = await server.person(admin, 'operator');
    const developer = await server.person(admin, 'developer');
    const { key } = await server.key(developer, ['actions:ask']);
    return new ActionScene(server, { admin, operator, developer }, key);
  }

  as({ cookie }: SignedIn): ActionClient {
    return new ActionClient(this.server.url, { cookie });
  }

  /** The agent asks for its refund, or what is said instead. */
  ask(change: Partial<Parameters<ActionClient['ask']>[0]> = {}): Promise<Action> {
    return this.asker.ask({ id: randomUUID(), ...REFUND, ...change });
  }

  /** What the ledger has of an action: kinds and everything that is stored of each. */
  async entriesOf(id: string): Promise<{ kind: string; text: string }[]> {
    const rows = await this.database.query('SELECT kind, opening, words FROM ledger_entry WHERE subject = $1 ORDER BY index', [id]);
    return rows.map(({ kind, opening, words }) => ({ kind: String(kind), text: `${String(opening)}${String(words)}` }));
  }
}
