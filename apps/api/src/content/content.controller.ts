import { Readable } from 'node:stream';
import { Controller, Get, Param, Query, Req, StreamableFile } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { SessionContent, StoredTranscript, Track } from '@wheelhouse/protocol/content';
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { Described } from '../docs/described.ts';
import { callerOf } from '../identity/access.guard.ts';
import { Can } from '../identity/can.ts';
import { parseOrRefuse } from '../problem/refusal.ts';
import { ContentDesk } from './content-desk.ts';

const Id = z.uuid();
const RecordingQuery = z.object({ track: z.union([Track, z.literal('both')]).default('both') });

@ApiTags('content')
@Controller('v1/sessions/:id')
export class ContentController {
  readonly #desk: ContentDesk;

  constructor(desk: ContentDesk) {
    this.#desk = desk;
  }

  @Get('content')
  @Can('read', 'Transcript')
  @Described('What is kept of a recorded session: its pieces and holes, without their content', { answer: SessionContent })
  list(@Req() request: FastifyRequest, @Param('id') id: string): Promise<SessionContent> {
    return this.#desk.list(callerOf(request), parseOrRefuse(Id, id));
  }

  @Get('recording.wav')
  @Can('read', 'Content')
  @Described('The sound of a session, as long as the session: ?track=in, out or both (left in, right out). Listening is recorded', {
    query: RecordingQuery,
    produces: 'audio/wav',
  })
  async recording(@Req() request: FastifyRequest, @Param('id') id: string, @Query() query: unknown): Promise<StreamableFile> {
    const { track } = parseOrRefuse(RecordingQuery, query);
    const { bytes, body } = await this.#desk.recording(callerOf(request), parseOrRefuse(Id, id), track);
    return new StreamableFile(Readable.from(body, { objectMode: false }), {
      type: 'audio/wav',
      length: bytes,
      disposition: `attachment; filename="${id}-${track}.wav"`,
    });
  }

  @Get('transcript')
  @Can('read', 'Transcript')
  @Described('The stored transcript of a session. Reading is recorded', { answer: StoredTranscript })
  transcript(@Req() request: FastifyRequest, @Param('id') id: string): Promise<StoredTranscript> {
    return this.#desk.transcript(callerOf(request), parseOrRefuse(Id, id));
  }
}
