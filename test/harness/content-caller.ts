import { randomBytes } from 'node:crypto';
import { WAV_HEADER_BYTES } from '@wheelhouse/content/wav';
import { SessionContent } from '@wheelhouse/protocol/content';
import { Problem } from '@wheelhouse/protocol/problem';
import { TICK_SAMPLES } from '@wheelhouse/protocol/tick';
import { expect } from 'vitest';
import type { SignedIn, TestServer } from './server.ts';

/** Sound in which no sample is silent and no stretch is like another. */
export function noise(ms: number): Int16Array {
  const bytes = randomBytes(ms * 32);
  return Int16Array.from({ length: ms * 16 }, (_, i) => bytes.readInt16LE(i * 2) || 1);
}

/** Somebody who asks for recorded content, and for holds and erasures. */
export class ContentCaller {
  readonly #server: TestServer;
  readonly #who: SignedIn;

  constructor(server: TestServer, who: SignedIn) {
    this.#server = server;
    this.#who = who;
  }

  send(method: string, at: string, body?: unknown): Promise<Response> {
    const headers = { cookie: this.#who.cookie, ...(body === undefined ? {} : { 'content-type': 'application/json' }) };
    return fetch(`${this.#server.url}${at}`, { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
  }

  async json(method: string, at: string, body?: unknown): Promise<unknown> {
    const answer = await this.send(method, at, body);
    if (!answer.ok) throw new Error(`${method} ${at}: ${answer.status} ${await answer.text()}`);
    return answer.json();
  }

  /** The problem with which the server refuses. */
  async problem(method: string, at: string, body?: unknown): Promise<Problem> {
    const answer = await this.send(method, at, body);
    return Problem.parse(await answer.json());
  }

  async content(session: string): Promise<SessionContent> {
    return SessionContent.parse(await this.json('GET', `/v1/sessions/${session}/content`));
  }

  async wav(session: string, track: string): Promise<Buffer> {
    const answer = await this.send('GET', `/v1/sessions/${session}/recording.wav?track=${track}`);
    expect(answer.status).toBe(200);
    return Buffer.from(await answer.arrayBuffer());
  }
}

/** The samples of a tick of a mono recording. */
export function tickOf(wav: Buffer, tick: number): number[] {
  const from = WAV_HEADER_BYTES + tick * TICK_SAMPLES * 2;
  return Array.from({ length: TICK_SAMPLES }, (_, i) => wav.readInt16LE(from + i * 2));
}

export function samplesOf(payload: Uint8Array): number[] {
  const bytes = Buffer.from(payload);
  return Array.from({ length: bytes.length / 2 }, (_, i) => bytes.readInt16LE(i * 2));
}
