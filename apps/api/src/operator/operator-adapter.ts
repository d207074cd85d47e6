import type { INestApplicationContext } from '@nestjs/common';
import { WsAdapter } from '@nestjs/platform-ws';

/** A message of the operator channel as it came, and when, on the shared clock. `message` is undefined where it was not JSON. */
export type Arrived = { readonly message: unknown; readonly at: number };

/**
 * Nest's WebSocket adapter with every message handed to one handler: by itself it passes over messages that it can't read or doesn't know
 * without a word, and a caller here always gets an answer.
 */
export function operatorAdapter(app: INestApplicationContext, now: () => number): WsAdapter {
  return new WsAdapter(app, {
    messageParser: (data) => ({ event: 'message', data: { message: parsed(data), at: now() } satisfies Arrived }),
  });
}

function parsed(data: unknown): unknown {
  try {
    return JSON.parse(String(data));
  } catch {
    return undefined;
  }
}
