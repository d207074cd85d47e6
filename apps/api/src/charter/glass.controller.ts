import { Body, Controller, Get, HttpCode, Param, Post, Req } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { GlassRequest, GlassSignature, GlassView } from '@wheelhouse/protocol/charter-view';
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { Described } from '../docs/described.ts';
import { callerOf } from '../identity/access.guard.ts';
import { Can } from '../identity/can.ts';
import { parseOrRefuse } from '../problem/refusal.ts';
import { GlassDesk } from './glass-desk.ts';

const Id = z.uuid();
const Glasses = z.object({ items: z.array(GlassView) });

/** Break glass: below the quorum, where the charter allows it, time-boxed and reviewed. */
@ApiTags('charter')
@Controller('v1/glass')
export class GlassController {
  readonly #desk: GlassDesk;

  constructor(desk: GlassDesk) {
    this.#desk = desk;
  }

  @Get()
  @Can('read', 'Charter')
  @Described('Every break glass, newest first', { answer: Glasses })
  list(@Req() request: FastifyRequest): z.infer<typeof Glasses> {
    return { items: this.#desk.list(callerOf(request)) };
  }

  @Post()
  @Can('vote', 'Proposal')
  @Described('Break a glass, or begin to: signed, with a reason', { body: GlassRequest, answer: GlassView, status: 201 })
  ask(@Req() request: FastifyRequest, @Body() body: unknown): Promise<GlassView> {
    return this.#desk.ask(callerOf(request), parseOrRefuse(GlassRequest, body));
  }

  @Post(':id/sign')
  @HttpCode(200)
  @Can('vote', 'Proposal')
  @Described('Sign a break glass that somebody began', { body: GlassSignature, answer: GlassView })
  sign(@Req() request: FastifyRequest, @Param('id') id: string, @Body() body: unknown): Promise<GlassView> {
    return this.#desk.sign(callerOf(request), parseOrRefuse(Id, id), parseOrRefuse(GlassSignature, body));
  }
}
