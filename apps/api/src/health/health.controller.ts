import { Controller, Get, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import type { z } from 'zod';
import { Described } from '../docs/described.ts';
import { Can, Public } from '../identity/can.ts';
import { Health } from './health.ts';
import { Liveness, Readiness, Status } from './health-answer.ts';

@ApiTags('health')
@Controller()
export class HealthController {
  readonly #health: Health;

  constructor(health: Health) {
    this.#health = health;
  }

  @Get('health/live')
  @Public()
  @Described('The process runs', { answer: Liveness })
  live(): z.infer<typeof Liveness> {
    return { status: 'live' };
  }

  @Get('health/ready')
  @Public()
  @Described('Everything that serving needs is up (200) or not (503)', { answer: Readiness, also: [503] })
  async ready(@Res({ passthrough: true }) reply: FastifyReply): Promise<Readiness> {
    const readiness = await this.#health.readiness();
    void reply.status(readiness.ready ? 200 : 503);
    return readiness;
  }

  @Get('v1/status')
  @Can('read', 'Session')
  @Described('How the stream threads, the ledger and the engine fare', { answer: Status })
  status(): Promise<Status> {
    return this.#health.status();
  }
}
