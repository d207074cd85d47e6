import { Readable } from 'node:stream';
import { Controller, Get, Param, Query, Req, StreamableFile } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { SessionContent, StoredTranscript, StoredVideo, Track } from '@wheelhouse/protocol/content';
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { Described } from '../docs/described.ts';
import { callerOf } from '../identity/access.guard.ts';
import { Can } from '../identity/can.ts';
import { parseOrRefuse } from '../problem/refusal.ts';
import { ContentDesk } from './content-desk.ts';

const Id = z.uuid();
const RecordingQuery = z.object({ track: z.union([Track, z.literal('both')]).default('both') });
const VideoQuery = z.object({ fromMs: z.coerce.number().int().min(0).max(2_147_483_647).default(0) });

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

  @Get('video.mkv')
  @Can('read', 'Content')
  @Described('The pictures that the engine was shown, each at its time, as a Matroska file (V_MJPEG). Looking is recorded', {
    produces: 'video/x-matroska',
  })
  async videoFile(@Req() request: FastifyRequest, @Param('id') id: string): Promise<StreamableFile> {
    const body = await this.#desk.videoFile(callerOf(request), parseOrRefuse(Id, id));
    const disposition = `attachment; filename="${id}.mkv"`;
    return new StreamableFile(Readable.from(body, { objectMode: false }), { type: 'video/x-matroska', disposition });
  }

  @Get('video')
  @Can('read', 'Content')
  @Described(
    'A page of the pictures of a session, from ?fromMs= of it on, and what became of those that were refused. Each page is recorded',
    {
      query: VideoQuery,
      answer: StoredVideo,
    },
  )
  video(@Req() request: FastifyRequest, @Param('id') id: string, @Query() query: unknown): Promise<StoredVideo> {
    return this.#desk.video(callerOf(request), parseOrRefuse(Id, id), parseOrRefuse(VideoQuery, query).fromMs);
  }

  @Get('transcript')
  @Can('read', 'Transcript')
  @Described('The stored transcript of a session. Reading is recorded', { answer: StoredTranscript })
  transcript(@Req() request: FastifyRequest, @Param('id') id: string): Promise<StoredTranscript> {
    return this.#desk.transcript(callerOf(request), parseOrRefuse(Id, id));
  }
}
