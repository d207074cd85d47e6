import { Controller, Get, HttpCode, Param, Post, Query, Req, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import {
  Action,
  ActionCheck,
  ActionChecked,
  ActionQuery,
  ActionRequest,
  Actions,
  ActionsQuery,
  ActionVerdict,
} from '@wheelhouse/protocol/action';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { Described } from '../docs/described.ts';
import { callerOf } from '../identity/access.guard.ts';
import { Can } from '../identity/can.ts';
import { parseOrRefuse } from '../problem/refusal.ts';
import { ActionDesk } from './action-desk.ts';
import { strictBody } from './bound-call.ts';
import { UseDesk } from './use-desk.ts';
import { VerdictDesk } from './verdict-desk.ts';

const Id = z.uuid();

/** What agents and services may do, and what humans decide of it. */
@ApiTags('actions')
@Controller('v1/actions')
export class ActionsController {
  readonly #desk: ActionDesk;
  readonly #verdicts: VerdictDesk;
  readonly #uses: UseDesk;

  constructor(desk: ActionDesk, verdicts: VerdictDesk, uses: UseDesk) {
    this.#desk = desk;
    this.#verdicts = verdicts;
    this.#uses = uses;
  }

  @Post()
  @Can('ask', 'Action')
  @Described('Ask whether something may be done: allowed or denied (201), or pending (202) until a human decides', {
    body: ActionRequest,
    answer: Action,
    status: 201,
    also: [202],
  })
  async ask(@Req() request: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply): Promise<Action> {
    const action = await this.#desk.ask(callerOf(request), strictBody(ActionRequest, request));
    void reply.status(action.state === 'pending' ? 202 : 201);
    return action;
  }

  @Get()
  @Can('read', 'Action')
  @Described('Actions, newest first; with ?state and ?session, of those alone', { query: ActionsQuery, answer: Actions })
  list(@Req() request: FastifyRequest, @Query() query: unknown): Promise<Actions> {
    return this.#desk.list(callerOf(request), parseOrRefuse(ActionsQuery, query));
  }

  @Get(':id')
  @Can('read', 'Action')
  @Described('One action; with ?wait=SECONDS the answer comes when it is decided, or when that time is over', {
    query: ActionQuery,
    answer: Action,
  })
  get(@Req() request: FastifyRequest, @Param('id') id: string, @Query() query: unknown): Promise<Action> {
    const { wait } = parseOrRefuse(ActionQuery, query);
    return this.#desk.get(callerOf(request), parseOrRefuse(Id, id), { waitMs: wait * 1000, signal: goneSignal(request) });
  }

  @Post(':id/decision')
  @HttpCode(200)
  @Can('decide', 'Action')
  @Described('Approve, edit, answer or reject what waits; bound to the digest of what you were shown', {
    body: ActionVerdict,
    answer: Action,
  })
  decide(@Req() request: FastifyRequest, @Param('id') id: string): Promise<Action> {
    return this.#verdicts.decide(callerOf(request), parseOrRefuse(Id, id), strictBody(ActionVerdict, request));
  }

  @Post(':id/withdraw')
  @HttpCode(200)
  @Can('ask', 'Action')
  @Described('Withdraw what you asked for, while it waits', { answer: Action })
  withdraw(@Req() request: FastifyRequest, @Param('id') id: string): Promise<Action> {
    return this.#verdicts.withdraw(callerOf(request), parseOrRefuse(Id, id));
  }

  @Post(':id/check')
  @HttpCode(200)
  @Can('ask', 'Action')
  @Described('Right before carrying it out: whether exactly this may be done, now and once', { body: ActionCheck, answer: ActionChecked })
  check(@Req() request: FastifyRequest, @Param('id') id: string): Promise<ActionChecked> {
    return this.#uses.check(callerOf(request), parseOrRefuse(Id, id), strictBody(ActionCheck, request));
  }
}

/** Aborts when the client has gone: nobody is waited for on its behalf any more. */
function goneSignal({ raw }: FastifyRequest): AbortSignal {
  const gone = new AbortController();
  raw.socket.once('close', () => {
    gone.abort();
  });
  return gone.signal;
}
