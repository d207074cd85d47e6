import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import promises from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import { isMainThread } from 'node:worker_threads';
import pg from 'pg';

/**
 * Loaded into a server with `--import`. A trap is a file of three lines: the beginning of a step on the ledger's way to the disk (a statement, or
 * `rename FILE`), `before` or `after` it, and the process that is killed there, as in a power cut (none: the server itself). It snaps once; a fourth
 * line says at which such step (none: at the first).
 */
const file = process.env['WHEELHOUSE_TEST_TRAP'] ?? '';

function snap(step: string, when: 'before' | 'after'): void {
  if (!existsSync(file)) return;
  const [wanted = '', at, pid, nth] = readFileSync(file, 'utf8').split('\n');
  if (wanted === '' || !step.startsWith(wanted) || at !== when) return;
  if (Number(nth) > 1) {
    writeFileSync(file, [wanted, at, pid, Number(nth) - 1].join('\n'));
    return;
  }
  rmSync(file);
  process.kill(Number(pid) || process.pid, 'SIGKILL');
}

type Query = (this: pg.Client, ...args: unknown[]) => unknown;

function isQuery(value: unknown): value is Query {
  return typeof value === 'function';
}

function trapped(query: Query): Query {
  return function (this: pg.Client, ...args: unknown[]): unknown {
    const step = typeof args[0] === 'string' ? args[0] : '';
    snap(step, 'before');
    const done = args.at(-1);
    if (typeof done !== 'function') {
      const answer: unknown = Reflect.apply(query, this, args);
      return answer instanceof Promise
        ? answer.then((value: unknown) => {
            snap(step, 'after');
            return value;
          })
        : answer;
    }
    const after = (...answer: unknown[]): void => {
      snap(step, 'after');
      Reflect.apply(done, undefined, answer);
    };
    return Reflect.apply(query, this, [...args.slice(0, -1), after]);
  };
}

if (isMainThread && file !== '') {
  const query: unknown = Object.getOwnPropertyDescriptor(pg.Client.prototype, 'query')?.value;
  if (!isQuery(query)) throw new Error('pg.Client has no query any more');
  Object.defineProperty(pg.Client.prototype, 'query', { value: trapped(query), configurable: true, writable: true });
  const { rename } = promises;
  promises.rename = async (from, to) => {
    const step = `rename ${String(to).split('/').at(-1) ?? ''}`;
    snap(step, 'before');
    await rename(from, to);
    snap(step, 'after');
  };
  syncBuiltinESMExports();
}
