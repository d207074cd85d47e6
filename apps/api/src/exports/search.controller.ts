import { Controller, Get, Query, Req } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { FoundEntries, SearchQuery } from '@wheelhouse/protocol/export';
import type { FastifyRequest } from 'fastify';
import type { z } from 'zod';
import { Described } from '../docs/described.ts';
import { callerOf } from '../identity/access.guard.ts';
import { Can } from '../identity/can.ts';
import { parseOrRefuse } from '../problem/refusal.ts';
import { EntrySearch } from './entry-search.ts';

@ApiTags('ledger')
@Controller('v1/ledger')
export class SearchController {
  readonly #search: EntrySearch;

  constructor(search: EntrySearch) {
    this.#search = search;
  }

  @Get('search')
  @Can('read', 'Entry')
  @Described('Entries by time, session, person, kind (or all kinds but some) and deployment, newest first', {
    query: SearchQuery,
    answer: FoundEntries,
  })
  find(@Req() request: FastifyRequest, @Query() query: unknown): Promise<z.infer<typeof FoundEntries>> {
    return this.#search.find(callerOf(request), parseOrRefuse(SearchQuery, query));
  }
}
