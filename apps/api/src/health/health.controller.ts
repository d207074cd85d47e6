import { Controller, Get, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { Described } from '../docs/described.ts';
import { Can, Public } from '../identity/can.ts';
import { Health, type Readiness, type Status } from './health.ts';

@ApiTags('health')
@Controller()
export class HealthController {
  readonly #health: Health;

  constructor(health: Health) {
    this.#health = health;
  }

  @Get('health/live')
  @Public()
  @Described('The process runs')
  live(): { status: 'live' } {
    return { status: 'live' };
  }

  @Get('health/ready')
  @Public()
  @Described('Everything that serving needs is up (200) or not (503)')
  async ready(@Res({ passthrough: true }) reply: FastifyReply): Promise<Readiness> {
    const readiness = await this.#health.readiness();
    void reply.status(readiness.ready ? 200 : 503);
    return readiness;
  }

  @Get('v1/status')
  @Can('read', 'Session')
  @Described('How the stream threads, the ledger and the engine fare')
  status(): Promise<Status> {
    return this.#health.status();
  }
}
