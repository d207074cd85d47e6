import { Body, Controller, Delete, Get, HttpCode, Param, Post, Query, Req } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import {
  Webhook,
  WebhookChange,
  WebhookDeliveries,
  WebhookDeliveriesQuery,
  WebhookDelivery,
  WebhookRequest,
  Webhooks,
  WebhookWithSecret,
} from '@wheelhouse/protocol/webhook';
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { Described } from '../docs/described.ts';
import { Idempotent } from '../idempotency/idempotent.ts';
import { callerOf } from '../identity/access.guard.ts';
import { Can } from '../identity/can.ts';
import { parseOrRefuse } from '../problem/refusal.ts';
import { WebhookDesk } from './webhook-desk.ts';

const Id = z.uuid();

/** Where decisions are sent: each caller's own addresses. A key acts for the person who holds it. */
@ApiTags('webhooks')
@Controller('v1/webhooks')
export class WebhooksController {
  readonly #desk: WebhookDesk;

  constructor(desk: WebhookDesk) {
    this.#desk = desk;
  }

  @Get()
  @Can('ask', 'Action')
  @Described('Your webhooks', { answer: Webhooks })
  async list(@Req() request: FastifyRequest): Promise<z.infer<typeof Webhooks>> {
    return { items: await this.#desk.list(callerOf(request)) };
  }

  @Post()
  @Idempotent()
  @Can('ask', 'Action')
  @Described('Make a webhook; the answer has its secret, this once', { body: WebhookRequest, answer: WebhookWithSecret, status: 201 })
  make(@Req() request: FastifyRequest, @Body() body: unknown): Promise<WebhookWithSecret> {
    return this.#desk.make(callerOf(request), parseOrRefuse(WebhookRequest, body));
  }

  @Post(':id')
  @HttpCode(200)
  @Can('ask', 'Action')
  @Described('Change the address or description of a webhook, or switch it on or off', { body: WebhookChange, answer: Webhook })
  change(@Req() request: FastifyRequest, @Param('id') id: string, @Body() body: unknown): Promise<Webhook> {
    return this.#desk.change(callerOf(request), parseOrRefuse(Id, id), parseOrRefuse(WebhookChange, body));
  }

  @Delete(':id')
  @HttpCode(204)
  @Can('ask', 'Action')
  @Described('Remove a webhook', { status: 204 })
  async remove(@Req() request: FastifyRequest, @Param('id') id: string): Promise<void> {
    await this.#desk.remove(callerOf(request), parseOrRefuse(Id, id));
  }

  @Post(':id/rotate')
  @HttpCode(200)
  @Idempotent()
  @Can('ask', 'Action')
  @Described('Make its secret anew; for a day deliveries are signed with the old one as well', { answer: WebhookWithSecret })
  rotate(@Req() request: FastifyRequest, @Param('id') id: string): Promise<WebhookWithSecret> {
    return this.#desk.rotate(callerOf(request), parseOrRefuse(Id, id));
  }

  @Post(':id/test')
  @HttpCode(202)
  @Can('ask', 'Action')
  @Described('Send an event that says that it is a test', { answer: WebhookDelivery, status: 202 })
  test(@Req() request: FastifyRequest, @Param('id') id: string): Promise<WebhookDelivery> {
    return this.#desk.test(callerOf(request), parseOrRefuse(Id, id));
  }

  @Get(':id/deliveries')
  @Can('ask', 'Action')
  @Described('What was sent to a webhook, newest first', { query: WebhookDeliveriesQuery, answer: WebhookDeliveries })
  deliveries(@Req() request: FastifyRequest, @Param('id') id: string, @Query() query: unknown): Promise<WebhookDeliveries> {
    const { cursor = null, limit } = parseOrRefuse(WebhookDeliveriesQuery, query);
    return this.#desk.deliveries(callerOf(request), parseOrRefuse(Id, id), { cursor, limit });
  }
}
