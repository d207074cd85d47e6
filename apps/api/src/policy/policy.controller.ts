import { Body, Controller, Get, HttpCode, Post, Req } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Explanation } from '@wheelhouse/protocol/policy';
import {
  CheckedPolicy,
  ExplainRequest,
  PolicyCandidate,
  PolicyView,
  ReplayRequest,
  ReplayView,
  RollbackAck,
  RollbackRequest,
  ShadowRequest,
  ShadowView,
} from '@wheelhouse/protocol/policy-view';
import type { FastifyRequest } from 'fastify';
import { Described } from '../docs/described.ts';
import { callerOf } from '../identity/access.guard.ts';
import { Can } from '../identity/can.ts';
import { parseOrRefuse } from '../problem/refusal.ts';
import { PolicyDesk } from './policy-desk.ts';
import { ReplayDesk } from './replay-desk.ts';
import { RollbackDesk } from './rollback-desk.ts';
import { ShadowDesk } from './shadow-desk.ts';

/** Policy: what is in force and why it says what it says, what another bundle would mean, and the way back. */
@ApiTags('policy')
@Controller('v1/policy')
export class PolicyController {
  readonly #desk: PolicyDesk;
  readonly #replays: ReplayDesk;
  readonly #shadow: ShadowDesk;
  readonly #rollbacks: RollbackDesk;

  constructor(desk: PolicyDesk, replays: ReplayDesk, shadow: ShadowDesk, rollbacks: RollbackDesk) {
    this.#desk = desk;
    this.#replays = replays;
    this.#shadow = shadow;
    this.#rollbacks = rollbacks;
  }

  @Get()
  @Can('read', 'Policy')
  @Described('The policy bundle in force, signed, with its tests and what was in force before', { answer: PolicyView })
  view(): Promise<PolicyView> {
    return this.#desk.view();
  }

  @Post('check')
  @HttpCode(200)
  @Can('read', 'Policy')
  @Described('What a bundle would mean: its faults, its tests, what changes; and the digest and text to propose', {
    body: PolicyCandidate,
    answer: CheckedPolicy,
  })
  check(@Body() body: unknown): Promise<CheckedPolicy> {
    return this.#desk.check(parseOrRefuse(PolicyCandidate, body).bundle);
  }

  @Post('explain')
  @HttpCode(200)
  @Can('read', 'Policy')
  @Described('Why policy says what it says to a request', { body: ExplainRequest, answer: Explanation })
  explain(@Body() body: unknown): Promise<Explanation> {
    return this.#desk.explain(parseOrRefuse(ExplainRequest, body));
  }

  @Get('shadow')
  @Can('read', 'Policy')
  @Described('What a bundle that runs beside the one in force would have decided otherwise', { answer: ShadowView })
  shadow(@Req() request: FastifyRequest): Promise<ShadowView> {
    return this.#shadow.seenBy(callerOf(request));
  }

  @Post('shadow')
  @HttpCode(200)
  @Can('propose', 'Proposal')
  @Described('Run a bundle beside the one in force, or end that (null)', { body: ShadowRequest, answer: ShadowView })
  setShadow(@Req() request: FastifyRequest, @Body() body: unknown): Promise<ShadowView> {
    return this.#shadow.set(callerOf(request), parseOrRefuse(ShadowRequest, body).bundle);
  }

  @Post('replay')
  @HttpCode(200)
  @Can('read', 'Policy')
  @Described('What a bundle would have decided otherwise of what the ledger recorded, and of what was recorded of words', {
    body: ReplayRequest,
    answer: ReplayView,
  })
  replay(@Req() request: FastifyRequest, @Body() body: unknown): Promise<ReplayView> {
    return this.#replays.replay(callerOf(request), parseOrRefuse(ReplayRequest, body));
  }

  @Post('rollback')
  @HttpCode(200)
  @Can('rollback', 'Policy')
  @Described('Go back to the bundle that was in force before: an order, in force when it is answered', {
    body: RollbackRequest,
    answer: RollbackAck,
  })
  rollBack(@Req() request: FastifyRequest, @Body() body: unknown): RollbackAck {
    return this.#rollbacks.rollBack(callerOf(request), parseOrRefuse(RollbackRequest, body));
  }
}
