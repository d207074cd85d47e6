import { Body, Controller, Delete, Get, HttpCode, Param, Post, Query, Req } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { pageOf, PageQuery } from '@wheelhouse/protocol/page';
import { Attachment, Deployment, Session, SessionRequest, SessionState } from '@wheelhouse/protocol/session';
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { Described } from '../docs/described.ts';
import { Idempotent } from '../idempotency/idempotent.ts';
import { callerOf } from '../identity/access.guard.ts';
import { Can } from '../identity/can.ts';
import { parseOrRefuse } from '../problem/refusal.ts';
import { SupervisionDesk } from '../supervision/supervision-desk.ts';
import { SessionDesk } from './session-desk.ts';

const Id = z.uuid();
const ListQuery = PageQuery.extend({ state: SessionState.optional() });

@ApiTags('sessions')
@Controller('v1')
export class SessionsController {
  readonly #desk: SessionDesk;
  readonly #supervision: SupervisionDesk;

  constructor(desk: SessionDesk, supervision: SupervisionDesk) {
    this.#desk = desk;
    this.#supervision = supervision;
  }

  @Get('deployments')
  @Can('read', 'Session')
  @Described('Models offered to sessions', { answer: z.object({ items: z.array(Deployment) }) })
  deployments(): { items: readonly Deployment[] } {
    return { items: this.#desk.deployments() };
  }

  @Post('sessions')
  @Idempotent()
  @Can('open', 'Session')
  @Described('Open a session; the answer says how to attach to its stream', { body: SessionRequest, answer: Attachment, status: 201 })
  open(@Req() request: FastifyRequest, @Body() body: unknown): Promise<Attachment> {
    return this.#desk.open(callerOf(request), parseOrRefuse(SessionRequest, body ?? {}));
  }

  @Get('sessions')
  @Can('read', 'Session')
  @Described('Sessions, newest first', { query: ListQuery, answer: pageOf(Session) })
  list(@Req() request: FastifyRequest, @Query() query: unknown): Promise<{ items: Session[]; next: string | null }> {
    const { state = null, cursor = null, limit } = parseOrRefuse(ListQuery, query);
    return this.#desk.list(callerOf(request), { state, cursor, limit });
  }

  @Get('sessions/:id')
  @Can('read', 'Session')
  @Described('One session', { answer: Session })
  async get(@Req() request: FastifyRequest, @Param('id') id: string): Promise<Session> {
    const caller = callerOf(request);
    return this.#supervision.shown(caller, await this.#desk.get(caller, parseOrRefuse(Id, id)));
  }

  @Post('sessions/:id/ticket')
  @Can('open', 'Session')
  @Described('A fresh ticket, to attach again after a cut', { answer: Attachment, status: 201 })
  ticket(@Req() request: FastifyRequest, @Param('id') id: string): Promise<Attachment> {
    return this.#desk.ticket(callerOf(request), parseOrRefuse(Id, id));
  }

  @Delete('sessions/:id')
  @HttpCode(204)
  @Can('end', 'Session')
  @Described('End a session for good', { status: 204 })
  async end(@Req() request: FastifyRequest, @Param('id') id: string): Promise<void> {
    await this.#desk.end(callerOf(request), parseOrRefuse(Id, id));
  }
}
