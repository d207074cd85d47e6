import { Body, Controller, Delete, Get, HttpCode, Param, Post, Query, Req } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import {
  Deliveries,
  Delivery,
  HouseChannelRequest,
  HouseChannels,
  MadeHouseChannel,
  Notices,
  NoticesQuery,
  OwnChannel,
  OwnChannelRequest,
  OwnChannels,
  ReadRequest,
  VapidKey,
} from '@wheelhouse/protocol/notice';
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { Described } from '../docs/described.ts';
import { Idempotent } from '../idempotency/idempotent.ts';
import { callerOf } from '../identity/access.guard.ts';
import { Can } from '../identity/can.ts';
import { parseOrRefuse } from '../problem/refusal.ts';
import { ChannelDesk } from './channel-desk.ts';
import { NoticeDesk } from './notice-desk.ts';
import { OwnChannelDesk } from './own-channel-desk.ts';

const Id = z.uuid();
const DeliveriesQuery = NoticesQuery.omit({ unread: true });

/** What people are told, how it reaches them, and what became of it. Keys have no notices. */
@ApiTags('notices')
@Controller('v1')
export class NoticesController {
  readonly #desk: NoticeDesk;
  readonly #own: OwnChannelDesk;
  readonly #channels: ChannelDesk;

  constructor(desk: NoticeDesk, own: OwnChannelDesk, channels: ChannelDesk) {
    this.#desk = desk;
    this.#own = own;
    this.#channels = channels;
  }

  @Get('notices')
  @Can('read', 'Notice')
  @Described('Your notices, newest first; with ?unread those that you have not read', { query: NoticesQuery, answer: Notices })
  list(@Req() request: FastifyRequest, @Query() query: unknown): Promise<Notices> {
    const { unread, cursor = null, limit } = parseOrRefuse(NoticesQuery, query);
    return this.#desk.list(callerOf(request), { unread, cursor, limit });
  }

  @Post('notices/read')
  @HttpCode(204)
  @Can('read', 'Notice')
  @Described('Mark notices of yours as read', { body: ReadRequest, status: 204 })
  async read(@Req() request: FastifyRequest, @Body() body: unknown): Promise<void> {
    await this.#desk.read(callerOf(request), parseOrRefuse(ReadRequest, body));
  }

  @Get('notices/vapid-key')
  @Can('read', 'Notice')
  @Described('The key under which your browser subscribes to pushes of this server', { answer: VapidKey })
  vapidKey(): z.infer<typeof VapidKey> {
    return { key: this.#own.vapidKey };
  }

  @Get('me/notice-channels')
  @Can('read', 'Notice')
  @Described('Your own channels: the browsers that are pushed to, and mail', { answer: OwnChannels })
  ownChannels(@Req() request: FastifyRequest): Promise<OwnChannels> {
    return this.#own.list(callerOf(request));
  }

  @Post('me/notice-channels')
  @HttpCode(200)
  @Can('read', 'Notice')
  @Described('Have a browser pushed to, or switch mail on or off', { body: OwnChannelRequest, answer: OwnChannel })
  setOwnChannel(@Req() request: FastifyRequest, @Body() body: unknown): Promise<OwnChannel> {
    return this.#own.set(callerOf(request), parseOrRefuse(OwnChannelRequest, body));
  }

  @Delete('me/notice-channels/:id')
  @HttpCode(204)
  @Can('read', 'Notice')
  @Described('Remove a channel of yours; of mail, switch it off', { status: 204 })
  async removeOwnChannel(@Req() request: FastifyRequest, @Param('id') id: string): Promise<void> {
    await this.#own.remove(callerOf(request), parseOrRefuse(Id, id));
  }

  @Get('notice-channels')
  @Can('manage', 'NoticeChannel')
  @Described('The channels of the house: Slack and webhooks', { answer: HouseChannels })
  async channels(@Req() request: FastifyRequest): Promise<z.infer<typeof HouseChannels>> {
    return { items: await this.#channels.list(callerOf(request)) };
  }

  @Post('notice-channels')
  @Idempotent()
  @Can('manage', 'NoticeChannel')
  @Described('Make a channel of the house; the answer has the secret of a webhook, this once', {
    body: HouseChannelRequest,
    answer: MadeHouseChannel,
    status: 201,
  })
  makeChannel(@Req() request: FastifyRequest, @Body() body: unknown): Promise<MadeHouseChannel> {
    return this.#channels.make(callerOf(request), parseOrRefuse(HouseChannelRequest, body));
  }

  @Delete('notice-channels/:id')
  @HttpCode(204)
  @Can('manage', 'NoticeChannel')
  @Described('Remove a channel of the house; its deliveries stay listed', { status: 204 })
  async removeChannel(@Req() request: FastifyRequest, @Param('id') id: string): Promise<void> {
    await this.#channels.remove(callerOf(request), parseOrRefuse(Id, id));
  }

  @Get('notice-channels/:id/deliveries')
  @Can('read', 'Notice')
  @Described('What left by a channel of yours (for administrators: of the house), newest first', {
    query: DeliveriesQuery,
    answer: Deliveries,
  })
  deliveries(@Req() request: FastifyRequest, @Param('id') id: string, @Query() query: unknown): Promise<Deliveries> {
    const { cursor = null, limit } = parseOrRefuse(DeliveriesQuery, query);
    return this.#channels.deliveries(callerOf(request), parseOrRefuse(Id, id), { cursor, limit });
  }

  @Post('notice-channels/:id/test')
  @HttpCode(202)
  @Can('read', 'Notice')
  @Described('Send yourself a notice through this channel alone', { answer: Delivery, status: 202 })
  test(@Req() request: FastifyRequest, @Param('id') id: string): Promise<Delivery> {
    return this.#channels.test(callerOf(request), parseOrRefuse(Id, id));
  }
}
