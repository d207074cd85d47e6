import { Controller, Get, Header, Req, Res } from '@nestjs/common';
import { ApiParam, ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Described } from '../docs/described.ts';
import { Public } from '../identity/can.ts';
import { PublicLog } from './public-log.ts';

const PREFIX = '/log/';

/** The log for anybody, C2SP tlog-tiles with the prefix `/log/`. A verifier needs these and the log's key, and nothing of ours. */
@ApiTags('log')
@Controller('log')
export class PublicLogController {
  readonly #log: PublicLog;

  constructor(log: PublicLog) {
    this.#log = log;
  }

  @Get('checkpoint')
  @Public()
  @Header('content-type', 'text/plain; charset=utf-8')
  @Header('cache-control', 'public, max-age=1')
  @Described('The latest published tree head (C2SP tlog-checkpoint)', { produces: 'text/plain' })
  checkpoint(): string {
    return this.#log.checkpoint();
  }

  @Get('tile/*')
  @ApiParam({ name: 'path', schema: { type: 'string' }, description: 'LEVEL/INDEX[.p/WIDTH], or entries/INDEX[.p/WIDTH]' })
  @Public()
  @Described('A Merkle tile or entry bundle (C2SP tlog-tiles)', { produces: 'application/octet-stream' })
  async tile(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const [url = ''] = request.url.split('?');
    const { bytes, encoding } = await this.#log.resource(url.slice(PREFIX.length), takesGzip(request.headers['accept-encoding']));
    if (encoding !== null) void reply.header('content-encoding', encoding);
    // Full tiles never change; nor do partial ones, but a client that comes again asks for the full one.
    const cache = url.includes('.p/') ? 'public, max-age=3600' : 'public, max-age=31536000, immutable';
    void reply.header('content-type', 'application/octet-stream').header('cache-control', cache).header('vary', 'accept-encoding');
    await reply.send(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length));
  }
}

/** RFC 9110 section 12.5.3, as far as it matters here: gzip is named, and not with a weight of zero. */
function takesGzip(header: string | string[] | undefined): boolean {
  const named = /\bgzip\b(?:\s*;\s*q=([\d.]+))?/i.exec(String(header ?? ''));
  return named !== null && Number(named[1] ?? 1) > 0;
}
