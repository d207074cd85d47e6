import { uuidText } from '@wheelhouse/protocol/frame';

/** A random UUID. `crypto.randomUUID` exists on secure origins only, and an order must not fail on a page served by plain HTTP. */
export function newId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  return uuidText(bytes);
}
