import { ballotChallenge, glassChallenge, proposalDigest, toBase64Url, type Ballot } from '@wheelhouse/charter/ballot';
import type { GlassView } from '@wheelhouse/protocol/charter-view';
import type { Signed } from '@wheelhouse/protocol/proposed-act';
import type { ProposalView, VoteChoice, VotingKey } from '@wheelhouse/protocol/proposal';
import { browserSupportsWebAuthn, startAuthentication } from '@simplewebauthn/browser';
import { digestHere } from '../actions/action-words.ts';
import { sha256 } from '../ledger/browser-crypto.ts';

/**
 * Why what is shown must not be signed: the digest is computed here, from exactly what stands on the page. A server that shows one thing and has
 * another signed is found out by this, and by nothing else. Null where all is well.
 */
export function whyNotToSign(view: ProposalView): string | null {
  if (view.power !== view.act.power) return `The server calls this ${view.power}, and asks for signatures over ${view.act.power}.`;
  const { id, act, preview, charter, policy, about, authors, digest } = view;
  const computed = proposalDigest({ proposal: id, act, preview, charter, policy, about, authors }, sha256);
  if (computed !== digest) return `What the server shows has the digest ${computed}, and it asks for signatures over ${digest}.`;
  return whyNotAsked(view);
}

/** The same for what an act only names: the arguments shown have to be those whose digest is signed, and there has to be something shown to whoever may vote. */
function whyNotAsked({ act, asked, yours, state }: ProposalView): string | null {
  if (act.power !== 'finetune.create' && act.power !== 'deployment.promote') return null;
  if (asked === null) {
    const mayVote = yours.seats.length > 0 || yours.vetoSeats.length > 0;
    return state === 'open' && mayVote ? 'The server does not show what was asked for, and asks for signatures over it.' : null;
  }
  // Once erased nobody can be shown it any more; what was decided about it before stands.
  if (asked.arguments === null) return state === 'open' ? 'What was asked for can not be shown any more: it was erased.' : null;
  const given = digestHere({ kind: act.power, tool: act.name }, asked.arguments);
  const isIt = asked.id === act.action && asked.kind === act.power && asked.tool === act.name && given === act.digest;
  return isIt
    ? null
    : `What the server shows was asked for has the digest ${given ?? 'of nothing'}, and it asks for signatures over ${act.digest}.`;
}

/** A vote that is ready to be signed: everything that its challenge binds. */
export type ReadyBallot = Ballot & { readonly challenge: string };

export function ballotOf(view: ProposalView, vote: { id: string; person: string; seat: string; choice: VoteChoice }): ReadyBallot {
  const ballot: Ballot = { digest: view.digest, vote: vote.id, person: vote.person, seat: vote.seat, choice: vote.choice };
  return { ...ballot, challenge: toBase64Url(ballotChallenge(ballot, sha256)) };
}

/** The same for a break glass: its challenge has to be that of what is shown. */
export function whyNotToSignGlass(glass: GlassView, { seat, challenge }: GlassView['yourSeats'][number], person: string): string | null {
  const { id, act, practice } = glass;
  const computed = toBase64Url(glassChallenge({ glass: id, emergency: act, practice, person, seat }, sha256));
  return computed === challenge ? null : 'Do not sign this: the server asks for a signature over something else than it shows.';
}

type SigningKeys = { readonly rpId: string; readonly keys: readonly Pick<VotingKey, 'credential'>[] };

/** Has one of these passkeys sign a challenge (base64url). The person is asked by their browser, with their PIN, finger or face. */
export async function signWith({ rpId, keys }: SigningKeys, challenge: string): Promise<Signed> {
  // Without a list the browser would offer any passkey of the site.
  if (keys.length === 0) throw new Error('No passkey of yours counts for signing here.');
  if (!browserSupportsWebAuthn())
    throw new Error('This browser has no passkeys on this page: they work on pages that came by HTTPS or from this machine itself.');
  try {
    const { id, response } = await startAuthentication({
      optionsJSON: {
        challenge,
        rpId,
        allowCredentials: keys.map(({ credential }) => ({ id: credential, type: 'public-key' })),
        userVerification: 'required',
      },
    });
    return {
      credential: id,
      authenticatorData: response.authenticatorData,
      clientData: response.clientDataJSON,
      signature: response.signature,
    };
  } catch (error) {
    throw new Error(refusalInWords(error), { cause: error });
  }
}

function refusalInWords(error: unknown): string {
  switch (error instanceof Error ? error.name : '') {
    case 'NotAllowedError':
    case 'AbortError':
      return 'Nothing was signed: the question was closed, it took too long, or the passkey is not on this device.';
    case 'SecurityError':
      return 'Nothing was signed: these passkeys belong to another address than this page’s.';
    default:
      return `Nothing was signed: ${error instanceof Error ? error.message : 'the browser could not ask for the passkey'}.`;
  }
}
