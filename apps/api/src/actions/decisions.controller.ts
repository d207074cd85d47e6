import { Body, Controller, Get, HttpCode, Post, Req, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import {
  AuthzenConfiguration,
  EvaluationRequest,
  EvaluationResponse,
  EvaluationsRequest,
  EvaluationsResponse,
} from '@wheelhouse/protocol/authzen';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Described } from '../docs/described.ts';
import { callerOf } from '../identity/access.guard.ts';
import { Can, Public } from '../identity/can.ts';
import { parseOrRefuse } from '../problem/refusal.ts';
import { DecisionDesk } from './decision-desk.ts';

/** AuthZEN (OpenID Authorization API 1.0): what policy says, for whoever enforces it. Under the standard's own paths as well. */
@ApiTags('decisions')
@Controller()
export class DecisionsController {
  readonly #desk: DecisionDesk;

  constructor(desk: DecisionDesk) {
    this.#desk = desk;
  }

  @Post('v1/decisions')
  @HttpCode(200)
  @Can('ask', 'Action')
  @Described('What policy says of one request (AuthZEN evaluation)', { body: EvaluationRequest, answer: EvaluationResponse })
  decide(
    @Req() request: FastifyRequest,
    @Body() body: unknown,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): EvaluationResponse | Promise<EvaluationResponse> {
    repeatRequestId(request, reply);
    return this.#desk.evaluate(callerOf(request), parseOrRefuse(EvaluationRequest, body));
  }

  @Post('v1/decisions/batch')
  @HttpCode(200)
  @Can('ask', 'Action')
  @Described('What policy says of several requests (AuthZEN evaluations)', { body: EvaluationsRequest, answer: EvaluationsResponse })
  decideAll(
    @Req() request: FastifyRequest,
    @Body() body: unknown,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<EvaluationsResponse> {
    repeatRequestId(request, reply);
    return this.#desk.evaluateAll(callerOf(request), parseOrRefuse(EvaluationsRequest, body));
  }

  @Post('access/v1/evaluation')
  @HttpCode(200)
  @Can('ask', 'Action')
  @Described('The same as POST /v1/decisions, under the path of the standard', { body: EvaluationRequest, answer: EvaluationResponse })
  evaluation(
    @Req() request: FastifyRequest,
    @Body() body: unknown,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): EvaluationResponse | Promise<EvaluationResponse> {
    return this.decide(request, body, reply);
  }

  @Post('access/v1/evaluations')
  @HttpCode(200)
  @Can('ask', 'Action')
  @Described('The same as POST /v1/decisions/batch, under the path of the standard', {
    body: EvaluationsRequest,
    answer: EvaluationsResponse,
  })
  evaluations(
    @Req() request: FastifyRequest,
    @Body() body: unknown,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<EvaluationsResponse> {
    return this.decideAll(request, body, reply);
  }

  @Get('.well-known/authzen-configuration')
  @Public()
  @Described('Where the standard finds what (AuthZEN metadata)', { answer: AuthzenConfiguration })
  configuration(): AuthzenConfiguration {
    return this.#desk.configuration;
  }
}

/** Section 10.1.2 of the standard: a caller's own number for its request comes back with the answer. */
function repeatRequestId(request: FastifyRequest, reply: FastifyReply): void {
  const id = request.headers['x-request-id'];
  if (typeof id === 'string' && /^[\x21-\x7e]{1,200}$/.test(id)) void reply.header('x-request-id', id);
}
