import { randomUUID } from 'node:crypto';
import {
  OpenAIRealtimeWebSocket,
  RealtimeAgent,
  type RealtimeItem,
  RealtimeSession,
  tool,
  type TransportEvent,
} from '@openai/agents-realtime';
import { AudioEncoder } from '@wheelhouse/realtime/audio-codec';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { type SignedIn, TestServer } from '../harness/server.ts';
import { recording } from '../harness/speech.ts';
import { until } from '../harness/until.ts';

const LONG = 'a rather long sentence that takes the engine quite a while to repeat to whoever wrote it';

/** An agent as its authors document it, and what its session told. */
class Agent {
  readonly session: RealtimeSession;
  readonly transport: OpenAIRealtimeWebSocket;
  readonly told: TransportEvent[] = [];
  readonly errors: string[] = [];
  readonly searched: string[] = [];
  history: RealtimeItem[] = [];
  audioBytes = 0;
  interruptions = 0;

  constructor(url: string, options: { tracingDisabled: boolean } = { tracingDisabled: true }) {
    const search = tool({
      name: 'search',
      description: 'Searches.',
      parameters: z.object({ q: z.string() }),
      execute: ({ q }) => {
        this.searched.push(q);
        return `three kinds of ${q}`;
      },
    });
    this.transport = new OpenAIRealtimeWebSocket({ url, useInsecureApiKey: true });
    const agent = new RealtimeAgent({ name: 'helper', instructions: 'Be kind.', tools: [search] });
    this.session = new RealtimeSession(agent, { transport: this.transport, model: 'relay', ...options });
    this.session.on('transport_event', (event) => this.told.push(event));
    this.session.on('error', (error) => this.errors.push(JSON.stringify(error)));
    this.session.on('history_updated', (history) => {
      this.history = history;
    });
    this.session.on('audio', ({ data }) => {
      this.audioBytes += data.byteLength;
    });
    this.session.on('audio_interrupted', () => {
      this.interruptions += 1;
    });
  }

  count(type: string): number {
    return this.told.filter((event) => event.type === type).length;
  }

  said(role: 'user' | 'assistant'): string {
    const messages = this.history.flatMap((item) => (item.type === 'message' && item.role === role ? [item] : []));
    return messages.flatMap(({ content }) => content.map((part) => ('text' in part ? part.text : (part.transcript ?? '')))).join(' | ');
  }

  async speak(samples: Int16Array): Promise<void> {
    const encoder = new AudioEncoder();
    const start = performance.now();
    for (let at = 0; at < samples.length && this.transport.status === 'connected'; at += 1600) {
      const bytes = Buffer.from(encoder.take('audio/pcm', samples.subarray(at, at + 1600)), 'base64');
      this.session.sendAudio(Uint8Array.from(bytes).buffer);
      const wait = start + (at + 1600) / 16 - performance.now();
      if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait));
    }
  }
}

describe('@openai/agents-realtime, unmodified', () => {
  let server: TestServer;
  let first: SignedIn;
  let key = '';

  beforeAll(async () => {
    server = await TestServer.start();
    first = await server.firstOperator();
    ({ key } = await server.key(first, ['sessions:open']));
  });
  afterAll(() => server.dispose());
  const connect = async (options?: { tracingDisabled: boolean }): Promise<Agent> => {
    const agent = new Agent(server.streamUrl.replace('/v1/stream', '/v1/realtime?model=relay'), options);
    await agent.session.connect({ apiKey: key });
    return agent;
  };

  it('speech in, transcript and speech out', async () => {
    const agent = await connect();
    void agent.speak(recording('refund.wav'));
    await until('what was heard', () => /order/i.test(agent.said('user')));
    await until('the answer', () => /you said/i.test(agent.said('assistant')));
    await until('its end', () => agent.count('response.done') > 0);
    expect(agent.audioBytes).toBeGreaterThan(48_000);
    expect(agent.errors).toEqual([]);
    agent.session.close();
  });

  it('a message is answered; a function is called, and its output is answered too', async () => {
    const agent = await connect();
    agent.session.sendMessage('good evening');
    await until('the answer', () => /good evening/i.test(agent.said('assistant')));
    await until('its end', () => agent.count('response.done') === 1);
    agent.session.sendMessage('call search {"q":"tea"}');
    await until('the answer with what the tool found', () => /three kinds of tea/i.test(agent.said('assistant')), 30_000);
    expect(agent.searched).toEqual(['tea']);
    expect(agent.history.find(({ type }) => type === 'function_call')).toMatchObject({ name: 'search', output: 'three kinds of tea' });
    expect(agent.errors).toEqual([]);
    agent.session.close();
  });

  it('interrupts: the answer is cut where the person stopped listening', async () => {
    const agent = await connect();
    agent.session.sendMessage(LONG);
    await until('some sound', () => agent.audioBytes > 30_000);
    agent.session.interrupt();
    await until('the cut', () => agent.count('conversation.item.truncated') === 1 && agent.count('conversation.item.retrieved') === 1);
    expect(agent.interruptions).toBe(1);
    expect(agent.said('assistant')).not.toMatch(/whoever/i);
    const bytes = agent.audioBytes;
    await new Promise((resolve) => setTimeout(resolve, 1200));
    expect(agent.audioBytes).toBe(bytes);
    agent.session.sendMessage('next');
    await until('the next answer', () => /next/i.test(agent.said('assistant')));
    expect(agent.errors).toEqual([]);
    agent.session.close();
  });

  it('is interrupted by voice', async () => {
    const agent = await connect();
    void agent.speak(recording('interrupt.wav'));
    await until('an interruption', () => agent.interruptions > 0);
    await until('the second question', () => /question/i.test(agent.said('user')));
    expect(agent.errors).toEqual([]);
    agent.session.close();
  });

  it("an operator's stop: no sound follows, and the session says what happened", async () => {
    const agent = await connect();
    agent.session.sendMessage(LONG);
    await until('some sound', () => agent.audioBytes > 30_000);
    const created = z.object({ session: z.object({ id: z.string() }) }).parse(agent.told.find(({ type }) => type === 'session.created'));
    const { id: session } = created.session;
    const ack = await first.api.order({ id: randomUUID(), kind: 'stop', scope: { type: 'session', session }, reason: 'test' });
    expect(ack.sessions).toMatchObject([{ session, settled: true }]);
    await until('the error', () => agent.errors.some((error) => error.includes('wheelhouse_order')));
    const bytes = agent.audioBytes;
    await new Promise((resolve) => setTimeout(resolve, 1200));
    expect(agent.audioBytes).toBe(bytes);
    agent.session.close();
  });

  it('with tracing left on it is told that there is none, and works', async () => {
    const agent = await connect({ tracingDisabled: false });
    agent.session.sendMessage('hello');
    await until('the answer', () => /hello/i.test(agent.said('assistant')));
    expect(agent.errors.length).toBe(1);
    expect(agent.errors[0]).toContain('session.tracing');
    agent.session.close();
  });
});
