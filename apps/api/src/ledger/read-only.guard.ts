import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { Refusal } from '../problem/refusal.ts';
import { Ledger } from './ledger.ts';

/** Orders restrict, and go on without a ledger (law 2): they are in the write-ahead file. */
const ORDERS = '/v1/orders';

/** Lets only reads and restrictive orders through while the ledger is not what was signed: nothing else could be recorded. */
@Injectable()
export class ReadOnlyGuard implements CanActivate {
  readonly #ledger: Ledger;

  constructor(ledger: Ledger) {
    this.#ledger = ledger;
  }

  canActivate(context: ExecutionContext): boolean {
    const { fault } = this.#ledger;
    if (fault === null || context.getType() !== 'http') return true;
    const { method, url } = context.switchToHttp().getRequest<FastifyRequest>();
    if (method === 'GET' || method === 'HEAD' || url.split('?')[0] === ORDERS) return true;
    throw new Refusal('ledger_unavailable', `${fault.message} ${READ_ONLY}`);
  }
}

/** What a person does about it. */
export const READ_ONLY =
  'Until that is mended Wheelhouse serves reads and restrictive orders only, and no engine output leaves. Run npx wheelhouse verify, put the database back from a backup, and start again.';
