import { type AcceptedHandover, handoverChallenge, toBase64Url } from '@wheelhouse/charter/ballot';
import type { HandoverChallenge } from '@wheelhouse/protocol/charter-view';
import type { Signed } from '@wheelhouse/protocol/proposed-act';
import { signWith } from '../approvals/sign.ts';
import { sha256 } from '../ledger/browser-crypto.ts';

/** Signs the handover that is on show: the challenge is computed here, so that a server can't have another one signed. Throws in words. */
export async function signHandover(shown: AcceptedHandover, { challenge, credentials, rpId }: HandoverChallenge): Promise<Signed> {
  const computed = toBase64Url(handoverChallenge(shown, sha256));
  if (computed !== challenge) throw new Error('Do not sign this: the server asks for a signature over something else than it shows.');
  return signWith({ rpId, keys: credentials.map((credential) => ({ credential })) }, challenge);
}
