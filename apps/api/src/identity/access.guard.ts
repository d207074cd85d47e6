import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { abilitiesOf } from '@wheelhouse/access/abilities';
import type { Principal } from '@wheelhouse/protocol/identity';
import type { FastifyRequest } from 'fastify';
import { Refusal } from '../problem/refusal.ts';
import { REQUIREMENT, type Requirement } from './can.ts';
import { Principals } from './principals.ts';

const callers = new WeakMap<object, Principal>();

/** The caller that the guard let in. */
export function callerOf(request: FastifyRequest): Principal {
  const principal = callers.get(request.raw);
  if (principal === undefined) throw new Refusal('unauthenticated', 'Sign in, or send an API key as Authorization: Bearer.');
  return principal;
}

/** Stands before every HTTP route. A route that says nothing about who may call it is closed. */
@Injectable()
export class AccessGuard implements CanActivate {
  readonly #reflector: Reflector;
  readonly #principals: Principals;

  constructor(reflector: Reflector, principals: Principals) {
    this.#reflector = reflector;
    this.#principals = principals;
  }

  canActivate(context: ExecutionContext): boolean | Promise<boolean> {
    // The operator channel checks its own messages, each against the caller of its connection.
    if (context.getType() !== 'http') return true;
    const requirement = this.#reflector.getAllAndOverride<Requirement | undefined>(REQUIREMENT, [context.getHandler(), context.getClass()]);
    if (requirement?.type === 'public') return true;
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    const remembered = this.#principals.remembered(request.headers);
    return remembered === null ? this.#check(request, requirement) : admit(request, remembered, requirement);
  }

  async #check(request: FastifyRequest, requirement: Requirement | undefined): Promise<boolean> {
    const principal = await this.#principals.of(request.headers);
    if (principal === null) {
      throw new Refusal(
        'unauthenticated',
        'Sign in at the console, or send a valid API key as Authorization: Bearer. Keys end on their expiry date.',
      );
    }
    return admit(request, principal, requirement);
  }
}

function admit(request: FastifyRequest, principal: Principal, requirement: Requirement | undefined): boolean {
  refuseForeignPage(request, principal);
  const allowed =
    requirement?.type === 'signed-in' || (requirement?.type === 'ability' && abilitiesOf(principal).can(...requirement.permission));
  if (!allowed) {
    const asked =
      requirement?.type === 'ability' ? `${requirement.permission[0]} ${subjectName(requirement.permission[1])}` : 'use this route';
    throw new Refusal(
      'forbidden',
      `The role ${principal.role}${principal.kind === 'key' ? ' with the scopes of this key' : ''} may not ${asked}.`,
    );
  }
  callers.set(request.raw, principal);
  return true;
}

function subjectName(subject: string | { readonly __caslSubjectType__: string }): string {
  return typeof subject === 'string' ? subject : subject.__caslSubjectType__;
}

/** A page of another origin may carry the cookie along: what changes something is refused unless it comes from our own page. */
function refuseForeignPage(request: FastifyRequest, principal: Principal): void {
  if (principal.kind === 'key' || request.method === 'GET' || request.method === 'HEAD') return;
  if (!isOwnPage(request.headers.origin, request.headers.host)) {
    throw new Refusal('forbidden', 'This request was sent by a page of another origin. Use the console at its own address, or an API key.');
  }
}

/** Whether a browser's Origin header names the host that it talks to. Programs send none. */
export function isOwnPage(origin: string | undefined, host: string | undefined): boolean {
  if (origin === undefined) return true;
  return URL.canParse(origin) && new URL(origin).host === host;
}
