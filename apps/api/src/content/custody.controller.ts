import { Body, Controller, Get, HttpCode, Param, Post, Query, Req } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Erasure, ErasureRequest, ErasureState, Hold, HoldRequest, LiftRequest } from '@wheelhouse/protocol/content';
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { Described } from '../docs/described.ts';
import { callerOf } from '../identity/access.guard.ts';
import { Can } from '../identity/can.ts';
import { parseOrRefuse } from '../problem/refusal.ts';
import { ErasureDesk } from './erasure-desk.ts';
import { HoldDesk } from './hold-desk.ts';

const Id = z.uuid();
const ErasuresQuery = z.object({ state: ErasureState.optional() });

/** Legal holds and erasures: what keeps content, and what destroys it. */
@ApiTags('content')
@Controller('v1')
export class CustodyController {
  readonly #holds: HoldDesk;
  readonly #erasures: ErasureDesk;

  constructor(holds: HoldDesk, erasures: ErasureDesk) {
    this.#holds = holds;
    this.#erasures = erasures;
  }

  @Post('holds')
  @Can('place', 'Hold')
  @Described('Place a legal hold on a data subject or a session', { body: HoldRequest, answer: Hold, status: 201 })
  place(@Req() request: FastifyRequest, @Body() body: unknown): Promise<Hold> {
    return this.#holds.place(callerOf(request), parseOrRefuse(HoldRequest, body));
  }

  @Get('holds')
  @Can('read', 'Hold')
  @Described('Legal holds, newest first, lifted ones among them', { answer: z.object({ items: z.array(Hold) }) })
  async holds(@Req() request: FastifyRequest): Promise<{ items: Hold[] }> {
    return { items: await this.#holds.list(callerOf(request)) };
  }

  @Post('holds/:id/lift')
  @HttpCode(200)
  @Can('lift', 'Hold')
  @Described("Lift another person's hold", { body: LiftRequest, answer: Hold })
  lift(@Req() request: FastifyRequest, @Param('id') id: string, @Body() body: unknown): Promise<Hold> {
    return this.#holds.lift(callerOf(request), parseOrRefuse(Id, id), parseOrRefuse(LiftRequest, body).reason);
  }

  @Post('erasures')
  @HttpCode(202)
  @Can('ask', 'Erasure')
  @Described('Ask for the erasure of a data subject; another person has to confirm', { body: ErasureRequest, answer: Erasure, status: 202 })
  ask(@Req() request: FastifyRequest, @Body() body: unknown): Promise<Erasure> {
    return this.#erasures.ask(callerOf(request), parseOrRefuse(ErasureRequest, body));
  }

  @Get('erasures')
  @Can('read', 'Erasure')
  @Described('Erasures that were asked for, newest first', { query: ErasuresQuery, answer: z.object({ items: z.array(Erasure) }) })
  async erasures(@Req() request: FastifyRequest, @Query() query: unknown): Promise<{ items: Erasure[] }> {
    return { items: await this.#erasures.list(callerOf(request), parseOrRefuse(ErasuresQuery, query).state ?? null) };
  }

  @Post('erasures/:id/confirm')
  @HttpCode(200)
  @Can('confirm', 'Erasure')
  @Described("Confirm another person's erasure: the data subject's key is destroyed, for good", { answer: Erasure })
  confirm(@Req() request: FastifyRequest, @Param('id') id: string): Promise<Erasure> {
    return this.#erasures.confirm(callerOf(request), parseOrRefuse(Id, id));
  }

  @Post('erasures/:id/withdraw')
  @HttpCode(200)
  @Can('ask', 'Erasure')
  @Described('Withdraw an erasure that waits', { answer: Erasure })
  withdraw(@Req() request: FastifyRequest, @Param('id') id: string): Promise<Erasure> {
    return this.#erasures.withdraw(callerOf(request), parseOrRefuse(Id, id));
  }
}
