import { Controller, Get, Header, Param, Query, Req } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { toBase64 } from '@wheelhouse/ledger/base64';
import { ConsistencyProof, InclusionProof, StoredEntry } from '@wheelhouse/protocol/ledger-entry';
import { EntryLinks, LedgerHeads } from '@wheelhouse/protocol/ledger-view';
import { pageOf, PageQuery } from '@wheelhouse/protocol/page';
import { WitnessReport } from '@wheelhouse/protocol/witness';
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { Described } from '../docs/described.ts';
import { EntrySearch } from '../exports/entry-search.ts';
import { callerOf } from '../identity/access.guard.ts';
import { Can } from '../identity/can.ts';
import { parseOrRefuse, Refusal } from '../problem/refusal.ts';
import { Ledger } from './ledger.ts';
import { PublicLog } from './public-log.ts';
import { WitnessDesk } from './witness-desk.ts';

const Index = z.coerce.number().int().min(0);
/** `from` is where to begin; `cursor`, as on every list, where the page before ended. */
const Range = z.object({ from: Index.default(0), cursor: Index.optional(), limit: z.coerce.number().int().min(1).max(1000).default(100) });
const HeadsQuery = PageQuery.extend({ cursor: Index.optional() });
const InclusionQuery = z.object({ index: Index, size: Index.optional() });
const ConsistencyQuery = z.object({ from: z.coerce.number().int().min(1), to: Index.optional() });

/** Reads of the ledger: the signed head, entries, and proofs that anyone can check with RFC 9162 tools. */
@ApiTags('ledger')
@Controller('v1/ledger')
export class LedgerController {
  readonly #ledger: Ledger;
  readonly #witnesses: WitnessDesk;
  readonly #public: PublicLog;
  readonly #search: EntrySearch;

  constructor(ledger: Ledger, witnesses: WitnessDesk, publicLog: PublicLog, search: EntrySearch) {
    this.#ledger = ledger;
    this.#witnesses = witnesses;
    this.#public = publicLog;
    this.#search = search;
  }

  @Get('checkpoint')
  @Header('content-type', 'text/plain; charset=utf-8')
  @Can('read', 'Ledger')
  @Described('The latest signed tree head (C2SP checkpoint)', { produces: 'text/plain' })
  checkpoint(): string {
    return this.#ledger.checkpoint;
  }

  @Get('published')
  @Header('content-type', 'text/plain; charset=utf-8')
  @Can('read', 'Ledger')
  @Described('The latest published tree head, with the cosignatures of witnesses (C2SP checkpoint)', { produces: 'text/plain' })
  published(): string {
    return this.#public.checkpoint();
  }

  @Get('heads')
  @Can('read', 'Ledger')
  @Described('Signed tree heads, the largest first', { query: HeadsQuery, answer: LedgerHeads })
  async heads(@Query() query: unknown): Promise<z.infer<typeof LedgerHeads>> {
    const { cursor = Number.MAX_SAFE_INTEGER, limit } = parseOrRefuse(HeadsQuery, query);
    const found = await this.#ledger.heads(cursor, limit);
    const items = found.map(({ size, root, checkpoint, signedAt }) => ({
      size,
      root: toBase64(root),
      signedAt: signedAt.toISOString(),
      checkpoint: this.#public.checkpointOf(size) ?? checkpoint,
    }));
    return { items, next: items.length < limit ? null : String(items.at(-1)?.size ?? 0) };
  }

  @Get('key')
  @Header('content-type', 'text/plain; charset=utf-8')
  @Can('read', 'Ledger')
  @Described('The key that signs tree heads (C2SP verifier key)', { produces: 'text/plain' })
  key(): string {
    return `${this.#ledger.identity.verifierKey}\n`;
  }

  @Get('witnesses')
  @Can('read', 'Ledger')
  @Described('How the witnesses fare that cosign tree heads', { answer: WitnessReport })
  witnesses(): WitnessReport {
    return this.#witnesses.report();
  }

  @Get('entries')
  @Can('read', 'Ledger')
  @Described('Entries from an index on: their leaves, and what you may see of their fields', {
    query: Range,
    answer: pageOf(StoredEntry),
  })
  async entries(@Req() request: FastifyRequest, @Query() query: unknown): Promise<{ items: StoredEntry[]; next: string | null }> {
    const { from: first, cursor: from = first, limit } = parseOrRefuse(Range, query);
    const items = await this.#ledger.entries(from, limit, await this.#search.mayRead(callerOf(request), from, from + limit));
    return { items, next: items.length < limit ? null : String(from + items.length) };
  }

  @Get('entries/:index')
  @Can('read', 'Ledger')
  @Described('One entry', { answer: StoredEntry })
  async entry(@Req() request: FastifyRequest, @Param('index') text: string): Promise<StoredEntry> {
    const index = parseOrRefuse(Index, text);
    return this.#entry(index, await this.#search.mayRead(callerOf(request), index, index + 1));
  }

  @Get('entries/:index/links')
  @Can('read', 'Ledger')
  @Described('The entry that led to one, and those that it led to', { answer: EntryLinks })
  async links(@Param('index') text: string): Promise<EntryLinks> {
    return this.#ledger.links(await this.#entry(parseOrRefuse(Index, text)));
  }

  @Get('proof/inclusion')
  @Can('read', 'Ledger')
  @Described('Proof that an entry is in the tree (RFC 9162 section 2.1.3)', { query: InclusionQuery, answer: InclusionProof })
  async inclusion(@Query() query: unknown): Promise<InclusionProof> {
    const { index, size = this.#ledger.size } = parseOrRefuse(InclusionQuery, query);
    if (size > this.#ledger.size || index >= size)
      throw new Refusal('not_found', `The ledger has ${this.#ledger.size} entries; give index < size <= ${this.#ledger.size}.`);
    const entry = await this.#entry(index);
    const hashes = await this.#ledger.proofs.inclusion(index, size);
    return { index, size, leafHash: entry.leafHash, hashes: hashes.map(toBase64), checkpoint: this.#ledger.checkpoint };
  }

  @Get('proof/consistency')
  @Can('read', 'Ledger')
  @Described('Proof that the tree only grew (RFC 9162 section 2.1.4)', { query: ConsistencyQuery, answer: ConsistencyProof })
  async consistency(@Query() query: unknown): Promise<ConsistencyProof> {
    const { from, to = this.#ledger.size } = parseOrRefuse(ConsistencyQuery, query);
    if (to > this.#ledger.size || from > to)
      throw new Refusal('not_found', `The ledger has ${this.#ledger.size} entries; give from <= to <= ${this.#ledger.size}.`);
    return { from, to, hashes: (await this.#ledger.proofs.consistency(from, to)).map(toBase64) };
  }

  async #entry(index: number, whole: (index: number) => boolean = () => true): Promise<StoredEntry> {
    const [entry] = await this.#ledger.entries(index, 1, whole);
    if (entry?.index !== index)
      throw new Refusal('not_found', `The ledger has no entry ${index}; it has ${this.#ledger.size} entries, numbered from 0.`);
    return entry;
  }
}
