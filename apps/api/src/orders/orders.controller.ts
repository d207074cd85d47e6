import { Body, Controller, Get, HttpCode, Param, Post, Query, Req, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Latch, OrderAck, OrderRecord, OrderRequest, Release } from '@wheelhouse/protocol/order';
import { pageOf, PageQuery } from '@wheelhouse/protocol/page';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { Described } from '../docs/described.ts';
import { callerOf } from '../identity/access.guard.ts';
import { Can } from '../identity/can.ts';
import { arrivalOf } from '../operator/arrival.ts';
import { parseOrRefuse } from '../problem/refusal.ts';
import { OrderDesk } from './order-desk.ts';
import { ReleaseDesk } from './release-desk.ts';

const Id = z.uuid();
const OrdersQuery = PageQuery.extend({ cursor: z.coerce.number().int().positive().optional() });
const ReleasesQuery = z.object({ state: z.enum(['waiting', 'confirmed', 'withdrawn']).optional() });

@ApiTags('orders')
@Controller('v1')
export class OrdersController {
  readonly #orders: OrderDesk;
  readonly #releases: ReleaseDesk;

  constructor(orders: OrderDesk, releases: ReleaseDesk) {
    this.#orders = orders;
    this.#releases = releases;
  }

  @Post('orders')
  @Can('give', 'Order')
  @Described('Give a restrictive order (201, in force now) or ask for a release (202, waits for another person)', {
    body: OrderRequest,
    answer: z.union([OrderAck, Release]),
    status: 201,
    also: [202],
  })
  give(
    @Req() request: FastifyRequest,
    @Body() body: unknown,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): OrderAck | Promise<Release> {
    const order = parseOrRefuse(OrderRequest, body);
    if (order.kind !== 'release') return this.#orders.give(callerOf(request), order, arrivalOf(request.raw));
    void reply.status(202);
    return this.#releases.ask(callerOf(request), order);
  }

  @Get('orders')
  @Can('read', 'Order')
  @Described('Orders, newest first', { query: OrdersQuery, answer: pageOf(OrderRecord) })
  list(@Req() request: FastifyRequest, @Query() query: unknown): { items: OrderRecord[]; next: string | null } {
    const { cursor = null, limit } = parseOrRefuse(OrdersQuery, query);
    const items = this.#orders.list(callerOf(request), cursor, limit);
    return { items, next: items.length < limit ? null : String(items.at(-1)?.number) };
  }

  @Get('orders/:id')
  @Can('read', 'Order')
  @Described('One order', { answer: OrderRecord })
  get(@Req() request: FastifyRequest, @Param('id') id: string): OrderRecord {
    return this.#orders.get(callerOf(request), parseOrRefuse(Id, id));
  }

  @Get('latches')
  @Can('read', 'Order')
  @Described('Latches in force', { answer: z.object({ items: z.array(Latch) }) })
  latches(@Req() request: FastifyRequest): { items: Latch[] } {
    return { items: this.#releases.latches(callerOf(request)) };
  }

  @Get('releases')
  @Can('read', 'Order')
  @Described('Releases that were asked for', { query: ReleasesQuery, answer: z.object({ items: z.array(Release) }) })
  releases(@Req() request: FastifyRequest, @Query() query: unknown): { items: Release[] } {
    return { items: this.#releases.releases(callerOf(request), parseOrRefuse(ReleasesQuery, query).state ?? null) };
  }

  @Post('releases/:id/confirm')
  @HttpCode(200)
  @Can('confirm', 'Release')
  @Described("Confirm another person's release; it takes effect when it is durable in the ledger", { answer: Release })
  confirm(@Req() request: FastifyRequest, @Param('id') id: string): Promise<Release> {
    return this.#releases.confirm(callerOf(request), parseOrRefuse(Id, id));
  }

  @Post('releases/:id/withdraw')
  @HttpCode(200)
  @Can('ask', 'Release')
  @Described('Withdraw a release that waits', { answer: Release })
  withdraw(@Req() request: FastifyRequest, @Param('id') id: string): Promise<Release> {
    return this.#releases.withdraw(callerOf(request), parseOrRefuse(Id, id));
  }
}
