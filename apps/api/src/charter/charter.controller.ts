import { Body, Controller, Get, HttpCode, Param, Post, Query, Req } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { CharterId } from '@wheelhouse/protocol/charter';
import {
  AbsenceRequest,
  AcceptRequest,
  AnalysisView,
  CharterDraft,
  CharterVersion,
  CharterView,
  CheckedCharter,
  CheckRequest,
  DelegationRequest,
  HandoverChallenge,
  HandoverRequest,
  OverseerView,
  TrainingRequest,
  TransitionReport,
} from '@wheelhouse/protocol/charter-view';
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { Described } from '../docs/described.ts';
import { callerOf } from '../identity/access.guard.ts';
import { Can, SignedIn } from '../identity/can.ts';
import { parseOrRefuse, Refusal } from '../problem/refusal.ts';
import { CharterCheck } from './charter-check.ts';
import { CharterDesk } from './charter-desk.ts';
import { SeatDesk } from './seat-desk.ts';

const Id = z.uuid();
const Span = z.object({ from: z.iso.datetime(), until: z.iso.datetime() });
const Versions = z.object({ items: z.array(CharterVersion) });
const Overseers = z.object({ items: z.array(OverseerView) });

/** The charter: what is in force, what another would mean, and what people do with their own seats. */
@ApiTags('charter')
@Controller('v1')
export class CharterController {
  readonly #desk: CharterDesk;
  readonly #check: CharterCheck;
  readonly #seats: SeatDesk;

  constructor(desk: CharterDesk, check: CharterCheck, seats: SeatDesk) {
    this.#desk = desk;
    this.#check = check;
    this.#seats = seats;
  }

  @Get('charter')
  @Can('read', 'Charter')
  @Described('The charter in force, its seats and powers', { answer: CharterView })
  charter(@Req() request: FastifyRequest): CharterView {
    return this.#desk.view(callerOf(request));
  }

  @Get('charter/versions')
  @Can('read', 'Charter')
  @Described('Every charter that was in force, newest first', { answer: Versions })
  versions(): z.infer<typeof Versions> {
    return { items: this.#desk.versions() };
  }

  @Get('charter/analysis')
  @Can('read', 'Charter')
  @Described('Who could exercise which power of the charter in force, by any chain of acts', { answer: AnalysisView })
  async analysis(): Promise<AnalysisView> {
    const { analysis } = await this.#check.check(this.#check.textNow() ?? this.#desk.inForceText());
    if (analysis === null) throw new Refusal('internal', 'The charter in force can not be analysed.');
    return analysis;
  }

  @Post('charter/check')
  @HttpCode(200)
  @Can('read', 'Charter')
  @Described('What a charter would mean: its faults, its coalitions, its breaches of law 5', { body: CheckRequest, answer: CheckedCharter })
  check(@Body() body: unknown): Promise<z.infer<typeof CheckedCharter>> {
    return this.#check.checkAsked(parseOrRefuse(CheckRequest, body).text);
  }

  @Get('charter/draft')
  @Can('read', 'Charter')
  @Described('A charter for the people of the house, to start from', { answer: CharterDraft })
  async draft(): Promise<z.infer<typeof CharterDraft>> {
    return { text: await this.#desk.draft() };
  }

  @Get('charter/transitions')
  @Can('read', 'Charter')
  @Described('Who represented which seats from when to when', { query: Span, answer: TransitionReport })
  transitions(@Query() query: unknown): TransitionReport {
    const { from, until } = parseOrRefuse(Span, query);
    return this.#desk.transitions(Date.parse(from), Date.parse(until));
  }

  @Post('charter/absences')
  @HttpCode(200)
  @Can('read', 'Charter')
  @Described('Declare an absence of your own', { body: AbsenceRequest, answer: CharterView })
  async declareAbsence(@Req() request: FastifyRequest, @Body() body: unknown): Promise<CharterView> {
    await this.#seats.declareAbsence(callerOf(request), parseOrRefuse(AbsenceRequest, body));
    return this.charter(request);
  }

  @Post('charter/absences/:id/end')
  @HttpCode(200)
  @Can('read', 'Charter')
  @Described('End an absence of your own', { answer: CharterView })
  async endAbsence(@Req() request: FastifyRequest, @Param('id') id: string): Promise<CharterView> {
    await this.#seats.endAbsence(callerOf(request), parseOrRefuse(Id, id));
    return this.charter(request);
  }

  @Post('charter/delegations')
  @HttpCode(200)
  @Can('read', 'Charter')
  @Described('Let somebody else vote for a seat of yours for a while', { body: DelegationRequest, answer: CharterView })
  async delegate(@Req() request: FastifyRequest, @Body() body: unknown): Promise<CharterView> {
    await this.#seats.delegate(callerOf(request), parseOrRefuse(DelegationRequest, body));
    return this.charter(request);
  }

  @Post('charter/delegations/:id/end')
  @HttpCode(200)
  @Can('read', 'Charter')
  @Described('End a delegation of yours', { answer: CharterView })
  async endDelegation(@Req() request: FastifyRequest, @Param('id') id: string): Promise<CharterView> {
    await this.#seats.endDelegation(callerOf(request), parseOrRefuse(Id, id));
    return this.charter(request);
  }

  @Post('charter/seats/:seat/handover')
  @HttpCode(200)
  @Can('read', 'Charter')
  @Described('Announce that you hand your seat over', { body: HandoverRequest, answer: CharterView })
  async handOver(@Req() request: FastifyRequest, @Param('seat') seat: string, @Body() body: unknown): Promise<CharterView> {
    await this.#seats.announce(callerOf(request), parseOrRefuse(CharterId, seat), parseOrRefuse(HandoverRequest, body));
    return this.charter(request);
  }

  @Get('charter/seats/:seat/handover')
  @Can('read', 'Charter')
  @Described('What you sign to accept the seat that is handed over to you', { answer: HandoverChallenge })
  handover(@Req() request: FastifyRequest, @Param('seat') seat: string): HandoverChallenge {
    return this.#seats.challenge(callerOf(request), parseOrRefuse(CharterId, seat));
  }

  @Post('charter/seats/:seat/handover/accept')
  @HttpCode(200)
  @Can('read', 'Charter')
  @Described('Accept a seat, signed', { body: AcceptRequest, answer: CharterView })
  async accept(@Req() request: FastifyRequest, @Param('seat') seat: string, @Body() body: unknown): Promise<CharterView> {
    await this.#seats.accept(callerOf(request), parseOrRefuse(CharterId, seat), parseOrRefuse(AcceptRequest, body).signed);
    return this.charter(request);
  }

  @Post('charter/seats/:seat/handover/cancel')
  @HttpCode(200)
  @Can('read', 'Charter')
  @Described('Call a handover off: its holder or its successor', { answer: CharterView })
  async cancel(@Req() request: FastifyRequest, @Param('seat') seat: string): Promise<CharterView> {
    await this.#seats.cancel(callerOf(request), parseOrRefuse(CharterId, seat));
    return this.charter(request);
  }

  @Post('charter/seats/:seat/leave')
  @HttpCode(200)
  @Can('read', 'Charter')
  @Described('Give up a seat, or your place as its alternate', { answer: CharterView })
  async leave(@Req() request: FastifyRequest, @Param('seat') seat: string): Promise<CharterView> {
    await this.#seats.leave(callerOf(request), parseOrRefuse(CharterId, seat));
    return this.charter(request);
  }

  @Get('me/oversight')
  @SignedIn()
  @Described('How you have voted, and what it says', { answer: OverseerView })
  mine(@Req() request: FastifyRequest): OverseerView {
    return this.#desk.overseer(callerOf(request).person);
  }

  @Get('oversight')
  @Can('read', 'Oversight')
  @Described('How everybody has voted, and what it says', { answer: Overseers })
  everybody(): z.infer<typeof Overseers> {
    return { items: this.#desk.overseers() };
  }

  @Post('training')
  @HttpCode(204)
  @Can('train', 'Oversight')
  @Described("Record until when somebody's training is valid", { body: TrainingRequest, status: 204 })
  async train(@Req() request: FastifyRequest, @Body() body: unknown): Promise<void> {
    await this.#seats.recordTraining(callerOf(request), parseOrRefuse(TrainingRequest, body));
  }
}
