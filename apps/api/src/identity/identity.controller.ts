import { Body, Controller, Delete, Get, HttpCode, Param, Post, Req } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { ApiKey, Invite, InviteRequest, IssuedKey, KeyRequest, KeyRotation, Me, Person, RotatedKey } from '@wheelhouse/protocol/identity';
import { plainText } from '@wheelhouse/protocol/text';
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { parseOrRefuse } from '../problem/refusal.ts';
import { Described } from '../docs/described.ts';
import { Idempotent } from '../idempotency/idempotent.ts';
import { callerOf } from './access.guard.ts';
import { MIN_PASSWORD } from './auth.ts';
import { Can, SignedIn } from './can.ts';
import { Keys } from './keys.ts';
import { OwnAccount } from './own-account.ts';
import { People } from './people.ts';

const KeyId = plainText(200);
const PasswordRequest = z.strictObject({ password: z.string().min(MIN_PASSWORD).max(128) });

@ApiTags('identity')
@Controller('v1')
export class IdentityController {
  readonly #people: People;
  readonly #keys: Keys;
  readonly #account: OwnAccount;

  constructor(people: People, keys: Keys, account: OwnAccount) {
    this.#people = people;
    this.#keys = keys;
    this.#account = account;
  }

  @Get('me')
  @SignedIn()
  @Described('Who you are', { answer: Me })
  me(@Req() request: FastifyRequest): Promise<Me> {
    return this.#account.me(callerOf(request));
  }

  @Post('me/password')
  @HttpCode(204)
  @SignedIn()
  @Described('Set your first password', { body: PasswordRequest, status: 204 })
  async setPassword(@Req() request: FastifyRequest, @Body() body: unknown): Promise<void> {
    await this.#account.setPassword(callerOf(request), parseOrRefuse(PasswordRequest, body).password, request.headers);
  }

  @Post('people')
  @Idempotent()
  @Can('invite', 'Person')
  @Described('Invite a person; the answer carries a one-time link', { body: InviteRequest, answer: Invite, status: 201 })
  invite(@Req() request: FastifyRequest, @Body() body: unknown): Promise<Invite> {
    return this.#people.invite(callerOf(request), parseOrRefuse(InviteRequest, body));
  }

  @Get('people')
  @Can('read', 'Person')
  @Described('The people of the installation', { answer: z.object({ items: z.array(Person) }) })
  async people(@Req() request: FastifyRequest): Promise<{ items: Person[] }> {
    return { items: await this.#people.list(callerOf(request)) };
  }

  @Post('keys')
  @Idempotent()
  @Can('issue', 'Key')
  @Described('Issue an API key; it is shown this once', { body: KeyRequest, answer: IssuedKey, status: 201 })
  issueKey(@Req() request: FastifyRequest, @Body() body: unknown): Promise<IssuedKey> {
    return this.#keys.issue(callerOf(request), parseOrRefuse(KeyRequest, body));
  }

  @Post('keys/:id/rotate')
  @Idempotent()
  @Can('issue', 'Key')
  @Described('Issue a key in the place of one of yours, which ends after an overlap; the new one is shown this once', {
    body: KeyRotation,
    answer: RotatedKey,
    status: 201,
  })
  rotateKey(@Req() request: FastifyRequest, @Param('id') id: string, @Body() body: unknown): Promise<RotatedKey> {
    return this.#keys.rotate(callerOf(request), parseOrRefuse(KeyId, id), parseOrRefuse(KeyRotation, body ?? {}));
  }

  @Get('keys')
  @Can('read', 'Key')
  @Described('Your API keys', { answer: z.object({ items: z.array(ApiKey) }) })
  async keys(@Req() request: FastifyRequest): Promise<{ items: ApiKey[] }> {
    return { items: await this.#keys.list(callerOf(request)) };
  }

  @Delete('keys/:id')
  @HttpCode(204)
  @Can('revoke', 'Key')
  @Described('Revoke an API key', { status: 204 })
  async revokeKey(@Req() request: FastifyRequest, @Param('id') id: string): Promise<void> {
    await this.#keys.revoke(callerOf(request), parseOrRefuse(KeyId, id));
  }
}
