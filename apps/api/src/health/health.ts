import type { EngineProcess } from '../engine/engine-process.ts';
import type { Database } from '../database/database.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { LeaseKeeper } from '../sessions/lease-keeper.ts';
import type { SessionRegistry } from '../sessions/session-registry.ts';
import type { StreamHost } from '../stream/stream-host.ts';
import type { Readiness, Status } from './health-answer.ts';

/** What monitors and operators ask about the server itself. */
export class Health {
  engineUp = false;
  stopping = false;
  readonly #database: Database;
  readonly #ledger: Ledger;
  readonly #engine: EngineProcess;
  readonly #lease: LeaseKeeper;
  readonly #registry: SessionRegistry;
  readonly #streams: StreamHost;

  constructor(parts: {
    database: Database;
    ledger: Ledger;
    engine: EngineProcess;
    lease: LeaseKeeper;
    registry: SessionRegistry;
    streams: StreamHost;
  }) {
    this.#database = parts.database;
    this.#ledger = parts.ledger;
    this.#engine = parts.engine;
    this.#lease = parts.lease;
    this.#registry = parts.registry;
    this.#streams = parts.streams;
  }

  async readiness(): Promise<Readiness> {
    const database = await this.#database.answers();
    const checks = { database, ledger: this.#lease.held, engine: this.engineUp, accepting: !this.stopping };
    return { ready: Object.values(checks).every(Boolean), checks };
  }

  async status(): Promise<Status> {
    const { entries, oldestMs } = this.#ledger.backlog;
    const { rss, heapUsed } = process.memoryUsage();
    return {
      sessions: { open: this.#registry.size, capacity: this.#registry.capacity },
      threads: [...(await this.#streams.figures())],
      ledger: { size: this.#ledger.size, backlog: entries, oldestMs },
      engine: { up: this.engineUp, pid: this.#engine.pid },
      leaseHeld: this.#lease.held,
      memory: { rssBytes: rss, heapBytes: heapUsed },
    };
  }
}
