import { FastifyAdapter } from '@nestjs/platform-fastify';
import type { TlsIdentity } from './tls.ts';

/** A Fastify server for Nest that speaks TLS with this identity, or plain HTTP where there is none. */
export function fastifyAdapter(
  tls: TlsIdentity | null,
  options: { readonly bodyLimit?: number; readonly trustProxy?: boolean } = {},
): FastifyAdapter {
  return tls === null ? new FastifyAdapter(options) : new FastifyAdapter({ ...options, https: { cert: tls.cert, key: tls.key } });
}
