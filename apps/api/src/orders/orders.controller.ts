import { Body, Controller, Get, HttpCode, Param, Post, Query, Req, Res } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { type Latch, type OrderAck, type OrderRecord, OrderRequest, type Release } from '@wheelhouse/protocol/order';
import { PageQuery } from '@wheelhouse/protocol/page';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
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
  @ApiOperation({ summary: 'Give a restrictive order (201, in force now) or ask for a release (202, waits for another person)' })
  give(@Req() request: FastifyRequest, @Body() body: unknown, @Res({ passthrough: true }) reply: FastifyReply): OrderAck | Promise<Release> {
    const order = parseOrRefuse(OrderRequest, body);
    if (order.kind !== 'release') return this.#orders.give(callerOf(request), order, arrivalOf(request.raw));
    void reply.status(202);
    return this.#releases.ask(callerOf(request), order);
  }

  @Get('orders')
  @Can('read', 'Order')
  @ApiOperation({ summary: 'Orders, newest first' })
  list(@Req() request: FastifyRequest, @Query() query: unknown): { items: OrderRecord[]; next: string | null } {
    const { cursor = null, limit } = parseOrRefuse(OrdersQuery, query);
    const items = this.#orders.list(callerOf(request), cursor, limit);
    return { items, next: items.length < limit ? null : String(items.at(-1)?.number) };
  }

  @Get('orders/:id')
  @Can('read', 'Order')
  @ApiOperation({ summary: 'One order' })
  get(@Req() request: FastifyRequest, @Param('id') id: string): OrderRecord {
    return this.#orders.get(callerOf(request), parseOrRefuse(Id, id));
  }

  @Get('latches')
  @Can('read', 'Order')
  @ApiOperation({ summary: 'Latches in force' })
  latches(@Req() request: FastifyRequest): { items: Latch[] } {
    return { items: this.#releases.latches(callerOf(request)) };
  }

  @Get('releases')
  @Can('read', 'Order')
  @ApiOperation({ summary: 'Releases that were asked for' })
  releases(@Req() request: FastifyRequest, @Query() query: unknown): { items: Release[] } {
    return { items: this.#releases.releases(callerOf(request), parseOrRefuse(ReleasesQuery, query).state ?? null) };
  }

  @Post('releases/:id/confirm')
  @HttpCode(200)
  @Can('confirm', 'Release')
  @ApiOperation({ summary: "Confirm another person's release; it takes effect when it is durable in the ledger" })
  confirm(@Req() request: FastifyRequest, @Param('id') id: string): Promise<Release> {
    return this.#releases.confirm(callerOf(request), parseOrRefuse(Id, id));
  }

  @Post('releases/:id/withdraw')
  @HttpCode(200)
  @Can('ask', 'Release')
  @ApiOperation({ summary: 'Withdraw a release that waits' })
  withdraw(@Req() request: FastifyRequest, @Param('id') id: string): Promise<Release> {
    return this.#releases.withdraw(callerOf(request), parseOrRefuse(Id, id));
  }
}
