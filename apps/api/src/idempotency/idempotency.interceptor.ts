import { createHash } from 'node:crypto';
import type { CallHandler, ExecutionContext, NestInterceptor, RawBodyRequest } from '@nestjs/common';
import type { Reflector } from '@nestjs/core';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { firstValueFrom, type Observable, of } from 'rxjs';
import { callerOf } from '../identity/access.guard.ts';
import { Refusal } from '../problem/refusal.ts';
import { AnswerBook } from './answer-book.ts';
import { IDEMPOTENT } from './idempotent.ts';

const BOUNDS = { keepMs: 24 * 3_600_000, mostOfCaller: 500, most: 10_000 };
const KEY = /^[\x21-\x7e]{1,200}$/;

/**
 * Carries out what comes under an `Idempotency-Key` (draft-ietf-httpapi-idempotency-key-header) once. A key is its caller's own: another's is
 * another key. Answers are kept in memory, of this process: after a restart a request under an old key is a new one.
 */
export class IdempotencyInterceptor implements NestInterceptor {
  readonly #reflector: Reflector;
  readonly #answers: AnswerBook<unknown>;

  constructor(reflector: Reflector, now: () => number) {
    this.#reflector = reflector;
    this.#answers = new AnswerBook(BOUNDS, now);
  }

  async intercept(context: ExecutionContext, next: CallHandler): Promise<Observable<unknown>> {
    if (context.getType() !== 'http' || this.#reflector.get<unknown>(IDEMPOTENT, context.getHandler()) !== true) return next.handle();
    const request = context.switchToHttp().getRequest<RawBodyRequest<FastifyRequest>>();
    const key = keyOf(request);
    if (key === null) return next.handle();
    const { kind, id } = callerOf(request);
    const keyed = { caller: `${kind}:${id}`, key, digest: digestOf(request) };
    const answered = this.#answers.answer(keyed, () => firstValueFrom(next.handle(), { defaultValue: undefined }));
    if (answered.type === 'other')
      throw new Refusal('conflict', 'This Idempotency-Key came with another request before. Use a new key for a new request.');
    const answer = await answered.answer;
    if (answered.repeated) void context.switchToHttp().getResponse<FastifyReply>().header('idempotency-replayed', 'true');
    return of(answer);
  }
}

/** The caller's key, with or without the quotes of a structured field (RFC 9651). */
function keyOf({ headers }: FastifyRequest): string | null {
  const sent = headers['idempotency-key'];
  if (sent === undefined) return null;
  const key = typeof sent === 'string' ? sent.replace(/^"(.*)"$/, '$1') : '';
  if (!KEY.test(key)) throw new Refusal('malformed', 'An Idempotency-Key has 1 to 200 visible ASCII characters, and comes once.');
  return key;
}

/** What the request says, to the byte. */
function digestOf({ method, url, rawBody }: RawBodyRequest<FastifyRequest>): string {
  return createHash('sha256')
    .update(`${method} ${url}\n`)
    .update(rawBody ?? '')
    .digest('base64');
}
