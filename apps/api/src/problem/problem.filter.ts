import { type ArgumentsHost, Catch, type ExceptionFilter, HttpException } from '@nestjs/common';
import { type Problem, problemOf, type ProblemCode } from '@wheelhouse/protocol/problem';
import type { FastifyReply } from 'fastify';
import type { Logger } from 'pino';
import { LedgerUnavailableError } from '../ledger/ledger-writer.ts';
import { Refusal } from './refusal.ts';

const CODE_OF_STATUS: Readonly<Record<number, ProblemCode>> = {
  400: 'malformed',
  401: 'unauthenticated',
  403: 'forbidden',
  404: 'not_found',
  413: 'too_large',
  415: 'malformed',
  429: 'rate_limited',
};

/** The problem document of any error; null when it is our own fault and has to be logged. */
export function problemOfError(error: unknown): Problem | null {
  if (error instanceof Refusal) return error.problem;
  if (error instanceof LedgerUnavailableError)
    return problemOf('ledger_unavailable', `${error.message} Try again when /health/ready is green; nothing was changed.`);
  const status = error instanceof HttpException ? error.getStatus() : statusOfFastify(error);
  const code = status === null ? undefined : CODE_OF_STATUS[status];
  if (code === undefined) return null;
  return problemOf(code, error instanceof Error ? error.message : 'The request was refused.');
}

function statusOfFastify(error: unknown): number | null {
  return error instanceof Error && 'statusCode' in error && typeof error.statusCode === 'number' ? error.statusCode : null;
}

/** Every error on HTTP leaves as RFC 9457 problem+json. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  readonly #log: Logger;

  constructor(log: Logger) {
    this.#log = log;
  }

  catch(error: unknown, host: ArgumentsHost): void {
    const reply = host.switchToHttp().getResponse<FastifyReply>();
    const problem = problemOfError(error);
    if (problem === null) this.#log.error({ err: error }, 'a request failed');
    const answer = problem ?? problemOf('internal', 'The request failed on our side and was not carried out. It has been logged.');
    void reply.status(answer.status).header('content-type', 'application/problem+json').send(JSON.stringify(answer));
  }
}
