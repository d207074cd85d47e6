import { Body, Controller, Get, HttpCode, Param, Post, Query, Req } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import {
  ConflictRequest,
  EnrolRequest,
  ProposalLines,
  ProposalRequest,
  ProposalsQuery,
  ProposalView,
  VoteRequest,
  VotingKeys,
  WithdrawRequest,
} from '@wheelhouse/protocol/proposal';
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { Described } from '../docs/described.ts';
import { callerOf } from '../identity/access.guard.ts';
import { Can, SignedIn } from '../identity/can.ts';
import { parseOrRefuse } from '../problem/refusal.ts';
import { Inbox } from './inbox.ts';
import { ProposalDesk } from './proposal-desk.ts';
import { ProposalViews } from './proposal-view.ts';
import { VotingKeyDesk } from './voting-key-desk.ts';

const Id = z.uuid();

/** Proposals and votes: the one way to every permissive act. */
@ApiTags('charter')
@Controller('v1')
export class ProposalsController {
  readonly #desk: ProposalDesk;
  readonly #views: ProposalViews;
  readonly #inbox: Inbox;
  readonly #keys: VotingKeyDesk;

  constructor(desk: ProposalDesk, views: ProposalViews, inbox: Inbox, keys: VotingKeyDesk) {
    this.#desk = desk;
    this.#views = views;
    this.#inbox = inbox;
    this.#keys = keys;
  }

  @Post('proposals')
  @Can('propose', 'Proposal')
  @Described('Propose a permissive act', { body: ProposalRequest, answer: ProposalView, status: 201 })
  async open(@Req() request: FastifyRequest, @Body() body: unknown): Promise<ProposalView> {
    const by = callerOf(request);
    return this.#views.view(by, await this.#desk.open(by, parseOrRefuse(ProposalRequest, body)));
  }

  @Post('practice-proposals')
  @Can('train', 'Oversight')
  @Described('Propose something for practice: it must be rejected, and nobody who votes can tell before it has ended', {
    body: ProposalRequest,
    answer: ProposalView,
    status: 201,
  })
  async practise(@Req() request: FastifyRequest, @Body() body: unknown): Promise<ProposalView> {
    const by = callerOf(request);
    return this.#views.view(by, await this.#desk.open(by, parseOrRefuse(ProposalRequest, body), true));
  }

  @Get('proposals')
  @Can('read', 'Proposal')
  @Described('Proposals, newest first: those that wait for you, those that are open, or all', {
    query: ProposalsQuery,
    answer: ProposalLines,
  })
  list(@Req() request: FastifyRequest, @Query() query: unknown): Promise<ProposalLines> {
    return this.#inbox.page(callerOf(request), parseOrRefuse(ProposalsQuery, query));
  }

  @Get('proposals/:id')
  @Can('read', 'Proposal')
  @Described('One proposal: what it does, who voted, who is still needed', { answer: ProposalView })
  async get(@Req() request: FastifyRequest, @Param('id') id: string): Promise<ProposalView> {
    const file = this.#desk.known(parseOrRefuse(Id, id));
    await this.#desk.requireSeen(callerOf(request), file);
    await this.#desk.look(file.life.proposal.id);
    return this.#views.view(callerOf(request), file);
  }

  @Post('proposals/:id/votes')
  @HttpCode(200)
  @Can('vote', 'Proposal')
  @Described('Cast a signed vote', { body: VoteRequest, answer: ProposalView })
  async vote(@Req() request: FastifyRequest, @Param('id') id: string, @Body() body: unknown): Promise<ProposalView> {
    const by = callerOf(request);
    return this.#views.view(by, await this.#desk.vote(by, parseOrRefuse(Id, id), parseOrRefuse(VoteRequest, body)));
  }

  @Post('proposals/:id/withdraw')
  @HttpCode(200)
  @Can('propose', 'Proposal')
  @Described('Withdraw your proposal', { body: WithdrawRequest, answer: ProposalView })
  async withdraw(@Req() request: FastifyRequest, @Param('id') id: string, @Body() body: unknown): Promise<ProposalView> {
    const by = callerOf(request);
    const { reason } = parseOrRefuse(WithdrawRequest, body);
    return this.#views.view(by, await this.#desk.withdraw(by, parseOrRefuse(Id, id), reason));
  }

  @Post('proposals/:id/conflict')
  @HttpCode(200)
  @Can('vote', 'Proposal')
  @Described('Declare a conflict of interest: your vote does not count on this one', { body: ConflictRequest, answer: ProposalView })
  async conflict(@Req() request: FastifyRequest, @Param('id') id: string, @Body() body: unknown): Promise<ProposalView> {
    const by = callerOf(request);
    const { reason } = parseOrRefuse(ConflictRequest, body);
    return this.#views.view(by, await this.#desk.declareConflict(by, parseOrRefuse(Id, id), reason));
  }

  @Get('me/voting-keys')
  @SignedIn()
  @Described('Your passkeys, and which of them count for signing votes', { answer: VotingKeys })
  keys(@Req() request: FastifyRequest): Promise<VotingKeys> {
    return this.#keys.list(callerOf(request));
  }

  @Post('me/voting-keys')
  @HttpCode(200)
  @SignedIn()
  @Described('Make a passkey of yours count for signing votes', { body: EnrolRequest, answer: VotingKeys })
  enrol(@Req() request: FastifyRequest, @Body() body: unknown): Promise<VotingKeys> {
    return this.#keys.enrol(callerOf(request), parseOrRefuse(EnrolRequest, body));
  }
}
