import { Body, Controller, Get, HttpCode, Param, Post, Req } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { HandBack, HandBackRequest, SuperviseTicket } from '@wheelhouse/protocol/supervision';
import { SupervisionView } from '@wheelhouse/protocol/supervisor';
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { Described } from '../docs/described.ts';
import { callerOf } from '../identity/access.guard.ts';
import { Can } from '../identity/can.ts';
import { parseOrRefuse } from '../problem/refusal.ts';
import { HandBackDesk } from './hand-back-desk.ts';
import { SupervisionDesk } from './supervision-desk.ts';

const Id = z.uuid();

@ApiTags('supervision')
@Controller('v1')
export class SupervisionController {
  readonly #desk: SupervisionDesk;
  readonly #handBacks: HandBackDesk;

  constructor(desk: SupervisionDesk, handBacks: HandBackDesk) {
    this.#desk = desk;
    this.#handBacks = handBacks;
  }

  @Post('sessions/:id/supervise')
  @Can('join', 'Session')
  @Described('A ticket to join a session: to listen in, whisper, speak beside its engine or take it over', {
    answer: SuperviseTicket,
    status: 201,
  })
  supervise(@Req() request: FastifyRequest, @Param('id') id: string): SuperviseTicket {
    const { cookie, authorization } = request.headers;
    const credentials = { ...(cookie === undefined ? {} : { cookie }), ...(authorization === undefined ? {} : { authorization }) };
    return this.#desk.ticket(callerOf(request), parseOrRefuse(Id, id), credentials);
  }

  @Get('sessions/:id/supervision')
  @Can('join', 'Session')
  @Described('Who is in a session beside its person and its engine, and whether the engine asks for a human', { answer: SupervisionView })
  view(@Req() request: FastifyRequest, @Param('id') id: string): SupervisionView {
    return this.#desk.view(callerOf(request), parseOrRefuse(Id, id));
  }

  @Post('sessions/:id/hand-back')
  @HttpCode(202)
  @Can('ask', 'Release')
  @Described('Hand a session that was taken over back to its engine: asks for the release, and keeps the summary for the engine', {
    body: HandBackRequest,
    answer: HandBack,
    status: 202,
  })
  handBack(@Req() request: FastifyRequest, @Param('id') id: string, @Body() body: unknown): Promise<HandBack> {
    return this.#handBacks.ask(callerOf(request), parseOrRefuse(Id, id), parseOrRefuse(HandBackRequest, body));
  }
}
