import { describe, expect, it } from 'vitest';
import { addressesOf, filled, quickstartOf } from './quickstart-text.ts';

const FILE = '# A title\n\nA lead.\n\nScope: `sessions:open`\n\n```sh\ncurl http://localhost:7400/v1/me\n```\n';

describe('a quickstart', () => {
  it('is read as it is written, and refused where it is shaped otherwise', () => {
    expect(quickstartOf('a', FILE)).toEqual({
      ...{ id: 'a', title: 'A title', lead: 'A lead.', scope: 'sessions:open', language: 'sh' },
      text: 'curl http://localhost:7400/v1/me',
    });
    expect(quickstartOf('a', FILE.replace('`sessions:open`', 'none')).scope).toBeNull();
    const wrong = [FILE.replace('Scope', 'Key'), FILE.replace('```sh', '```py'), FILE.slice(0, -4), `${FILE}More.\n`, ''];
    for (const markdown of wrong) expect(() => quickstartOf('a', markdown)).toThrow('docs/quickstart/a.md');
  });

  it('gets the addresses of the installation that shows it', () => {
    const text = 'http://localhost:7400/v1 ws://localhost:7401/v1/realtime https://localhost:7401/v1';
    expect(filled(text, { api: 'https://wheel.example', stream: 'wss://voice.example/v1' })).toBe(
      'https://wheel.example/v1 wss://voice.example/v1/realtime https://voice.example/v1',
    );
    expect(filled(text, { api: 'http://localhost:7400', stream: 'ws://localhost:7401/v1' })).toBe(text);
  });
});

describe('the address of streams', () => {
  const at = (origin: string, streamUrl: string) => addressesOf(new URL(origin), streamUrl).stream;

  it('is what the server says, also beyond a proxy and under a path', () => {
    expect(at('http://localhost:7400', 'ws://localhost:7401/v1/stream')).toBe('ws://localhost:7401/v1');
    expect(at('https://wheel.example', 'wss://voice.example/v1/stream')).toBe('wss://voice.example/v1');
    expect(at('https://wheel.example', 'wss://wheel.example/streams/v1/stream')).toBe('wss://wheel.example/streams/v1');
  });

  it('has the name of the page where the server knows none but its own loopback', () => {
    expect(at('http://10.1.2.3:7400', 'ws://localhost:7401/v1/stream')).toBe('ws://10.1.2.3:7401/v1');
    expect(at('http://[2001:db8::1]:7400', 'ws://127.0.0.1:7401/v1/stream')).toBe('ws://[2001:db8::1]:7401/v1');
    expect(at('http://127.0.0.1:7400', 'ws://localhost:7401/v1/stream')).toBe('ws://localhost:7401/v1');
  });
});
