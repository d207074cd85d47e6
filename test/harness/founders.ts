import { createHash, randomUUID } from 'node:crypto';
import { ballotChallenge, glassChallenge } from '@wheelhouse/charter/ballot';
import type { Role } from '@wheelhouse/protocol/identity';
import type { EmergencyAct, ProposedAct } from '@wheelhouse/protocol/proposed-act';
import type { ProposalView, VoteChoice, VoteRequest } from '@wheelhouse/protocol/proposal';
import { CharterClient } from '@wheelhouse/sdk/charter-client';
import { SoftwarePasskey } from './passkey.ts';
import type { SignedIn, TestServer } from './server.ts';

/** Somebody with a passkey that counts for votes. */
export type Overseer = SignedIn & { readonly id: string; readonly charter: CharterClient; readonly passkey: SoftwarePasskey };

export const sha256 = (bytes: Uint8Array) => new Uint8Array(createHash('sha256').update(bytes).digest());

/** Makes a passkey for somebody and has it count for votes. */
export async function overseer(server: TestServer, signedIn: SignedIn): Promise<Overseer> {
  const passkey = new SoftwarePasskey(server.url);
  await passkey.register(server, signedIn);
  const charter = new CharterClient(server.url, { cookie: signedIn.cookie });
  const { items } = await charter.votingKeys();
  const challenge = items.find(({ credential }) => credential === passkey.credential)?.challenge ?? '';
  await charter.enrol({ signed: passkey.sign(challenge) });
  const { principal } = await signedIn.api.me();
  return { ...signedIn, id: principal.person, charter, passkey };
}

/** The first operator and others, so that there are `count` people with passkeys; operators but for the first, who is an administrator. */
export async function overseers(server: TestServer, count: number, role: Role = 'operator'): Promise<Overseer[]> {
  const first = await server.firstOperator();
  const people = [await overseer(server, first)];
  while (people.length < count) people.push(await overseer(server, await server.person(first, role)));
  return people;
}

/** A ballot, signed. `bent` changes what is sent after it was signed. */
export function ballot(
  voter: Pick<Overseer, 'id' | 'passkey'>,
  { digest }: Pick<ProposalView, 'digest'>,
  { seat, choice = 'yes', reason = choice === 'yes' ? '' : 'not now' }: { seat: string; choice?: VoteChoice; reason?: string },
  bent: Partial<VoteRequest> = {},
): VoteRequest {
  const vote = randomUUID();
  const signed = voter.passkey.sign(ballotChallenge({ digest, vote, person: voter.id, seat, choice }, sha256));
  return { vote, seat, choice, digest, reason, signed, seconds: 30, evidence: true, ...bent };
}

/** Votes for the first seat that is open to the voter. */
export async function vote(voter: Overseer, proposal: string, choice: VoteChoice = 'yes'): Promise<ProposalView> {
  const view = await voter.charter.proposal(proposal);
  const seat = (choice === 'veto' ? view.yours.vetoSeats : view.yours.seats)[0];
  if (seat === undefined)
    throw new Error(`there is no seat for them to vote for: ${view.explanation.join(' ')} ${view.yours.excluded ?? ''}`);
  return voter.charter.vote(proposal, ballot(voter, view, { seat, choice }));
}

export function propose(by: Overseer, act: ProposedAct, reason = 'a test'): Promise<ProposalView> {
  return by.charter.propose({ id: randomUUID(), act, reason });
}

/** Puts a charter in force: the first one, by everybody whom it seats. `edit` changes the draft for the people who are there. */
export async function found(people: readonly Overseer[], edit: (draft: string) => string = (draft) => draft): Promise<ProposalView> {
  const [first, ...others] = people;
  if (first === undefined) throw new Error('nobody is there');
  const text = edit(await first.charter.draft());
  const { id } = await propose(first, { power: 'charter.amend', text }, 'our first charter');
  let view = await first.charter.proposal(id);
  for (const other of others) view = await vote(other, id);
  return view;
}

/** Signs a break glass. */
export function glassSigned(by: Overseer, told: { glass: string; act: EmergencyAct; practice: boolean; seat: string }) {
  const { glass, act: emergency, practice, seat } = told;
  return by.passkey.sign(glassChallenge({ glass, emergency, practice, person: by.id, seat }, sha256));
}
