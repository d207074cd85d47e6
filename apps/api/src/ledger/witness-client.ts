import { verifyEd25519 } from '@wheelhouse/installation/node-crypto';
import { readCosignatures, type Cosignature } from '@wheelhouse/ledger/cosignature';
import { parseNote } from '@wheelhouse/ledger/signed-note';
import { formatAddCheckpoint } from '@wheelhouse/ledger/witness-request';
import type { WitnessAddress } from './witness-settings.ts';

const TIMEOUT_MS = 5000;
const MOST_BYTES = 64 * 1024;

/** What a witness made of a request. `conflict` names the size that it cosigned last; `inconsistent` means that it does not accept the proof. */
export type WitnessReply =
  | { readonly type: 'cosigned'; readonly cosignature: Cosignature }
  | { readonly type: 'conflict'; readonly size: number }
  | { readonly type: 'inconsistent'; readonly message: string }
  | { readonly type: 'failed'; readonly message: string };

/** One add-checkpoint request, C2SP tlog-witness. Never throws: a witness that is gone, slow or out of its mind is a `failed` reply. */
export async function addCheckpoint(
  witness: WitnessAddress,
  request: { readonly oldSize: number; readonly proof: readonly Uint8Array[]; readonly checkpoint: string },
): Promise<WitnessReply> {
  try {
    const response = await fetch(`${witness.url}/add-checkpoint`, {
      method: 'POST',
      body: formatAddCheckpoint(request),
      headers: { 'content-type': 'text/plain; charset=utf-8' },
      redirect: 'error',
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    const body = await textOf(response);
    if (response.status === 200) return await cosignatureIn(witness, request.checkpoint, body);
    if (response.status === 409) return conflictIn(response, body);
    const message = `${witness.key.name} answered ${response.status}: ${body.slice(0, 300).trim()}`;
    return { type: response.status === 422 ? 'inconsistent' : 'failed', message };
  } catch (error) {
    return { type: 'failed', message: `${witness.key.name} does not answer at ${witness.url}: ${causeOf(error)}` };
  }
}

/** The answer's lines are put under the checkpoint and verified there; lines by others are ignored, as tlog-witness asks. */
async function cosignatureIn(witness: WitnessAddress, checkpoint: string, body: string): Promise<WitnessReply> {
  const note = parseNote(checkpoint + body);
  const read = note.ok ? await readCosignatures(note.value, [witness.key], verifyEd25519) : note;
  if (!read.ok) return { type: 'failed', message: `${witness.key.name} answered with what is no cosignature: ${read.message}` };
  const [cosignature] = read.value;
  if (cosignature === undefined) return { type: 'failed', message: `${witness.key.name} answered without a cosignature by its key.` };
  return { type: 'cosigned', cosignature };
}

function conflictIn(response: Response, body: string): WitnessReply {
  const digits = /^(0|[1-9]\d*)\n$/.exec(body)?.[1];
  const size = Number(digits ?? -1);
  if (digits !== undefined && Number.isSafeInteger(size) && response.headers.get('content-type') === 'text/x.tlog.size')
    return { type: 'conflict', size };
  return { type: 'failed', message: 'The witness answered 409 without the size that it knows (text/x.tlog.size).' };
}

/** The body as text; one that is longer than any honest answer ends the request. */
async function textOf(response: Response): Promise<string> {
  if (response.body === null) return '';
  const chunks: Uint8Array[] = [];
  let length = 0;
  const body: AsyncIterable<Uint8Array> = response.body;
  for await (const chunk of body) {
    length += chunk.length;
    if (length > MOST_BYTES) throw new Error(`the answer is longer than ${MOST_BYTES} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function causeOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause instanceof Error ? error.cause.message || error.cause.name : '';
  return cause === '' ? error.message : `${error.message} (${cause})`;
}
