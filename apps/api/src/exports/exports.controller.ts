import { createReadStream } from 'node:fs';
import { Readable } from 'node:stream';
import { Body, Controller, Get, HttpCode, Param, Post, Query, Req, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Export, ExportLink, ExportRequest, Exports } from '@wheelhouse/protocol/export';
import { PageQuery } from '@wheelhouse/protocol/page';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { Described } from '../docs/described.ts';
import { Idempotent } from '../idempotency/idempotent.ts';
import { callerOf } from '../identity/access.guard.ts';
import { Can, Public } from '../identity/can.ts';
import { parseOrRefuse, Refusal } from '../problem/refusal.ts';
import { rangeOf } from './byte-range.ts';
import { ExportDesk, fileNameOf } from './export-desk.ts';

const Id = z.uuid();
const ListQuery = PageQuery.extend({
  cursor: z
    .string()
    .regex(/^\d{1,15}$/)
    .optional(),
});

/** Exports of the record: asked for, confirmed where they show everything, made in the background, fetched by a link that ends. */
@ApiTags('exports')
@Controller('v1/exports')
export class ExportsController {
  readonly #desk: ExportDesk;

  constructor(desk: ExportDesk) {
    this.#desk = desk;
  }

  @Post()
  @Idempotent()
  @HttpCode(202)
  @Can('ask', 'Export')
  @Described('Ask for an export; one that shows everything waits for a second person', { body: ExportRequest, answer: Export, status: 202 })
  ask(@Req() request: FastifyRequest, @Body() body: unknown): Promise<Export> {
    return this.#desk.ask(callerOf(request), parseOrRefuse(ExportRequest, body));
  }

  @Get()
  @Can('read', 'Export')
  @Described('Exports, newest first', { query: ListQuery, answer: Exports })
  list(@Req() request: FastifyRequest, @Query() query: unknown): z.infer<typeof Exports> {
    const { cursor = null, limit } = parseOrRefuse(ListQuery, query);
    return this.#desk.list(callerOf(request), cursor, limit);
  }

  @Get(':id')
  @Can('read', 'Export')
  @Described('One export: its state, how far it is, what was made', { answer: Export })
  get(@Req() request: FastifyRequest, @Param('id') id: string): Export {
    return this.#desk.get(callerOf(request), parseOrRefuse(Id, id));
  }

  @Post(':id/confirm')
  @HttpCode(200)
  @Can('confirm', 'Export')
  @Described("Confirm another person's export that shows everything", { answer: Export })
  confirm(@Req() request: FastifyRequest, @Param('id') id: string): Promise<Export> {
    return this.#desk.confirm(callerOf(request), parseOrRefuse(Id, id));
  }

  @Post(':id/link')
  @HttpCode(200)
  @Can('read', 'Export')
  @Described('An address that the file can be fetched from until it ends', { answer: ExportLink })
  link(@Req() request: FastifyRequest, @Param('id') id: string): ExportLink {
    return this.#desk.link(callerOf(request), parseOrRefuse(Id, id));
  }

  @Get(':id/file')
  @Public()
  @Described('The file of an export, by a link; takes Range (RFC 9110)', { produces: 'application/octet-stream', also: [206] })
  async file(@Req() request: FastifyRequest, @Res() reply: FastifyReply, @Param('id') id: string, @Query() query: unknown): Promise<void> {
    const leaves = request.method !== 'HEAD';
    const { path, type, one, made } = await this.#desk.open(id, query, leaves);
    const tag = `"${made.digest}"`;
    const condition = request.headers['if-range'];
    const range = condition === undefined || condition === tag ? rangeOf(request.headers.range, made.bytes) : 'whole';
    void reply
      .header('accept-ranges', 'bytes')
      .header('etag', tag)
      .header('content-type', type)
      .header('cache-control', 'private, no-store')
      .header('repr-digest', `sha-256=:${made.digest}:`)
      .header('content-disposition', `attachment; filename="${fileNameOf(one)}"`);
    if (range === 'beyond') {
      void reply.header('content-range', `bytes */${made.bytes}`);
      throw new Refusal('bad_range', `The file has ${made.bytes} bytes, numbered from 0.`);
    }
    const { from, to } = range === 'whole' ? { from: 0, to: made.bytes - 1 } : range;
    if (range !== 'whole') void reply.status(206).header('content-range', `bytes ${from}-${to}/${made.bytes}`);
    void reply.header('content-length', String(to - from + 1));
    await reply.send(leaves ? createReadStream(path, { start: from, end: to }) : Readable.from([]));
  }
}
