import { sha256 } from '@wheelhouse/installation/node-crypto';
import { actionDigest, type Call } from '@wheelhouse/ledger/action-digest';
import { LedgerError } from '@wheelhouse/ledger/ledger-error';
import { parseStrictJson } from '@wheelhouse/ledger/strict-json';
import { LONGEST_ARGUMENTS } from '@wheelhouse/protocol/tool-call';
import type { FastifyRequest } from 'fastify';
import type { z } from 'zod';
import { parseOrRefuse, Refusal } from '../problem/refusal.ts';

/** The digest that a decision about this call is bound to. Refuses arguments that are too long, or that two readers could take for two things. */
export function digestOf(call: Call): string {
  if (JSON.stringify(call.arguments).length > LONGEST_ARGUMENTS)
    throw new Refusal(
      'too_large',
      `The arguments have more than ${LONGEST_ARGUMENTS} characters as JSON. Send a reference to what is large.`,
    );
  try {
    return actionDigest(call, sha256);
  } catch (error) {
    if (!(error instanceof LedgerError)) throw error;
    throw new Refusal('malformed', `The arguments can't be bound to a decision: ${error.message}`, [
      { path: 'arguments', message: error.message },
    ]);
  }
}

/**
 * The body of a request that a decision will be bound to, parsed from what was sent and as strictly as something signed: a key that occurs twice would
 * be read one way by the human who approves, and another way by who carries it out.
 */
export function strictBody<T extends z.ZodType>(schema: T, request: FastifyRequest): z.infer<T> {
  const rawBody = 'rawBody' in request && Buffer.isBuffer(request.rawBody) ? request.rawBody : null;
  if (rawBody === null) throw new Refusal('malformed', 'Send a JSON body, as application/json.');
  const read = parseStrictJson(rawBody.toString('utf8'));
  if (!read.ok) throw new Refusal('malformed', `The body is not JSON that everybody reads the same: ${read.message}`);
  return parseOrRefuse(schema, read.value);
}
