import { randomUUID } from 'node:crypto';
import { ballotChallenge, enrolmentChallenge } from '@wheelhouse/charter/ballot';
import type { ProposalView, VoteRequest } from '@wheelhouse/protocol/proposal';
import type { ProposedAct } from '@wheelhouse/protocol/proposed-act';
import { CharterClient } from '@wheelhouse/sdk/charter-client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { brisk, Chamber, inMs, nextVersion } from '../harness/chamber.ts';
import { ballot, type Overseer, propose, sha256, vote } from '../harness/founders.ts';
import { SoftwarePasskey } from '../harness/passkey.ts';
import { refused } from '../harness/refused.ts';
import { until } from '../harness/until.ts';

const TERM_MS = 4000;

describe('law 5: training, on a server with a charter', () => {
  let chamber: Chamber;
  const one = (i: number) => chamber.person(i);

  beforeAll(async () => {
    chamber = await Chamber.open(5, (draft) => brisk(draft).replace('  latch.release:\n', '  latch.release:\n    training: true\n'));
  });
  afterAll(() => chamber.dispose());

  it('counts no vote without a valid training for the power or the body, and says who lacks which', async () => {
    const held = await chamber.release(one(0));
    const record = (i: number, role: object, days = 86_400_000) => one(0).charter.recordTraining(one(i).id, inMs(days), role);
    const cast = async (i: number, seat: string) => one(i).charter.vote(held.id, ballot(one(i), held, { seat }));
    expect(held.explanation.join(' ')).toContain('lacks training for latch.release or for Safety: none is recorded');
    await record(1, { power: 'level.raise' });
    await record(2, { body: 'operations' }, -1000);
    for (const [i, seat] of [
      [1, 'safety-1'],
      [2, 'operations-2'],
    ] as const)
      expect(await refused(cast(i, seat))).toBe('forbidden');
    expect((await one(2).charter.oversight()).lacks.join(' ')).toContain('the last ran out on');
    await record(1, { power: 'latch.release' });
    await record(2, { body: 'operations' });
    expect((await cast(1, 'safety-1')).yes).toBe(1);
    // Nobody records their own, for a role that there is not, or for two.
    expect(await refused(one(0).charter.recordTraining(one(0).id, inMs(1000)))).toBe('same_person');
    expect(await refused(record(3, { body: 'nobody' }))).toBe('not_found');
    expect(await refused(record(3, { power: 'latch.release', body: 'safety' }))).toBe('malformed');
    expect((await cast(2, 'operations-2')).state).toBe('executed');
  });
});

describe('law 5: no one person, on a server with a charter', () => {
  let chamber: Chamber;
  /** An account that no seat belongs to. */
  let stranger: Overseer;
  const one = (i: number) => chamber.person(i);

  beforeAll(async () => {
    chamber = await Chamber.open(5, (draft) => brisk(draft).replace('delegation: { allowed: false }', 'delegation: { allowed: true }'));
    stranger = await chamber.outsider();
  });
  afterAll(() => chamber.dispose());

  const cast = (by: Overseer, id: string, request: VoteRequest) => refused(by.charter.vote(id, request));
  const yesOf = async (id: string) => (await one(0).charter.proposal(id)).yes;

  it('holds a proposal until a term ends, and the vote of that seat is lost', async () => {
    const seat = (await one(0).charter.charter()).seats.find(({ id }) => id === 'safety-2');
    const term = { from: inMs(-60_000), until: inMs(TERM_MS) };
    const change = { power: 'seat.change', seat: 'safety-2', holder: one(3).id, alternates: seat?.alternates ?? [], term } as const;
    expect((await chamber.decide(one(0), change, [one(1), one(2), one(4)])).state).toBe('executed');
    const held = await chamber.release(one(0));
    expect((await vote(one(3), held.id)).yes).toBe(1);
    await until('the term to end', () => Date.now() > Date.parse(term.until) + 500);
    const after = await one(1).charter.proposal(held.id);
    expect(after).toMatchObject({ state: 'open', yes: 0 });
    expect(after.votes.find(({ person }) => person === one(3).id)?.uncounted).not.toBeNull();
    // One more vote is not the second one.
    expect((await vote(one(1), held.id)).state).toBe('open');
    expect(await chamber.isLatched(held.latch)).toBe(true);
  });

  it('takes no vote that its voter did not sign, verified, here', async () => {
    const view = await chamber.release();
    const [ann, bob] = [one(1), one(2)];
    const seat = 'safety-1';
    const id = randomUUID();
    const challenge = ballotChallenge({ digest: view.digest, vote: id, person: ann.id, seat, choice: 'yes' }, sha256);
    const good = ballot(ann, view, { seat });
    const elsewhere = new SoftwarePasskey('https://wheelhouse.example.org');
    const forged: Partial<VoteRequest>[] = [
      { vote: id, signed: ann.passkey.sign(challenge, { verified: false }) },
      { vote: id, signed: ann.passkey.sign(challenge, { origin: 'https://wheelhouse.example.org' }) },
      { vote: id, signed: ann.passkey.sign(challenge, { site: 'wheelhouse.example.org' }) },
      { vote: id, signed: ann.passkey.sign(challenge, { type: 'webauthn.create' }) },
      { vote: id, signed: bob.passkey.sign(challenge) },
      { vote: id, signed: { ...bob.passkey.sign(challenge), credential: ann.passkey.credential } },
      { vote: id, signed: elsewhere.sign(challenge) },
      { vote: id, signed: { ...ann.passkey.sign(challenge), signature: 'AAAA' } },
      { vote: id, signed: { ...ann.passkey.sign(challenge), clientData: 'AAAA' } },
      { vote: id, signed: { ...ann.passkey.sign(challenge), authenticatorData: 'AAAA' } },
      // Signed, and then bent: another vote, another choice, another seat.
      { vote: randomUUID() },
      { choice: 'veto', reason: 'so' },
      { choice: 'no', reason: 'so' },
      { seat: 'operations-1' },
      { digest: 'a'.repeat(64) },
    ];
    for (const bent of forged) expect(await cast(ann, view.id, { ...good, ...bent }), JSON.stringify(bent)).toBe('bad_signature');
    expect(await yesOf(view.id)).toBe(0);
  });

  it('counts no vote for another digest, of another proposal, of another person, nor twice', async () => {
    const [first, second] = [await chamber.release(), await chamber.release()];
    const given = ballot(one(1), first, { seat: 'safety-1' });
    expect(await cast(one(2), first.id, given)).toBe('bad_signature');
    expect((await one(1).charter.vote(first.id, given)).yes).toBe(1);
    expect((await one(1).charter.vote(first.id, given)).votes).toHaveLength(1);
    expect((await vote(one(1), first.id)).yes).toBe(1);
    // Signed well, for what the voter was not shown.
    expect(await cast(one(1), second.id, given)).toBe('forbidden');
    expect(await cast(one(1), second.id, { ...given, digest: second.digest })).toBe('bad_signature');
    expect(await cast(one(1), second.id, ballot(one(1), { digest: 'a'.repeat(64) }, { seat: 'safety-1' }))).toBe('forbidden');
    expect(await yesOf(second.id)).toBe(0);
    // A ballot under an id that was used already is not answered as if it had been counted.
    const said = { digest: first.digest, vote: given.vote, person: one(4).id, seat: 'operations-3', choice: 'no' } as const;
    const signed = one(4).passkey.sign(ballotChallenge(said, sha256));
    expect(await cast(one(4), first.id, { ...given, seat: said.seat, choice: 'no', reason: 'so', signed })).toBe('conflict');
  });

  it('takes no vote of a stranger, for no seat', async () => {
    const view = await chamber.release();
    for (const seat of ['safety-1', 'operations-1', 'nowhere'])
      expect(await cast(stranger, view.id, ballot(stranger, view, { seat }))).toBe('forbidden');
    for (const seat of ['operations-2', 'operations-3'])
      expect(await cast(one(1), view.id, ballot(one(1), view, { seat }))).toBe('forbidden');
  });

  it('counts no vote of the proposer: not for their seat, as an alternate, as a delegate, nor by sending a delegate', async () => {
    const proposer = one(0);
    // The proposer is an alternate of this seat, whose holder is away.
    const absence = randomUUID();
    await one(4).charter.declareAbsence({ id: absence, from: inMs(0), until: inMs(600_000) });
    const view = await chamber.release(proposer);
    expect(view.yours).toMatchObject({ proposer: true, seats: [] });
    for (const seat of ['operations-1', 'operations-3'])
      expect(await cast(proposer, view.id, ballot(proposer, view, { seat }))).toBe('forbidden');
    const span = { start: inMs(0), end: inMs(600_000) };
    await one(1).charter.delegate({ id: randomUUID(), seat: 'safety-1', to: proposer.id, ...span });
    expect(await cast(proposer, view.id, ballot(proposer, view, { seat: 'safety-1' }))).toBe('forbidden');
    await proposer.charter.delegate({ id: randomUUID(), seat: 'operations-1', to: one(3).id, ...span });
    expect(await cast(one(3), view.id, ballot(one(3), view, { seat: 'operations-1' }))).toBe('forbidden');
    expect(await yesOf(view.id)).toBe(0);
    await one(4).charter.endAbsence(absence);
    await chamber.endDelegations();
  });

  it('lets two people share no passkey, nor one person vote through a second account', async () => {
    const second = await chamber.server.person(one(0), 'operator');
    // As whoever runs the database would do it: the same passkey for another account.
    const { principal } = await second.api.me();
    await chamber.database.query(
      `INSERT INTO passkey (id, name, public_key, person_id, credential_id, counter, device_type, backed_up, created_at)
       SELECT $1, name, public_key, $2, credential_id, counter, device_type, backed_up, now() FROM passkey WHERE credential_id = $3`,
      [randomUUID(), principal.person, one(0).passkey.credential],
    );
    const { passkey } = one(0);
    const { credential, publicKey, rpId } = passkey;
    const challenge = enrolmentChallenge({ person: principal.person, credential, publicKey, rpId }, sha256);
    const twin: Overseer = { ...one(0), ...second, id: principal.person, charter: one(0).charter };
    const theirs = new CharterClient(chamber.server.url, { cookie: second.cookie });
    expect(await refused(theirs.enrol({ signed: passkey.sign(challenge) }))).toBe('conflict');
    const view = await chamber.release(one(0));
    expect(await refused(theirs.vote(view.id, ballot(twin, view, { seat: 'operations-1' })))).toBe('bad_signature');
    const signedByHand = ballot(one(0), view, { seat: 'operations-1' });
    expect(await refused(theirs.vote(view.id, signedByHand))).toBe('bad_signature');
  });

  it('counts no vote by rows of the database that were edited by hand', async () => {
    const victim = one(1);
    const attacker = new SoftwarePasskey(chamber.server.url);
    const row = [Buffer.from(attacker.publicKey, 'base64url').toString('base64'), victim.passkey.credential];
    const [before] = await chamber.database.query('SELECT public_key FROM passkey WHERE credential_id = $1', [victim.passkey.credential]);
    await chamber.database.query('UPDATE passkey SET public_key = $1 WHERE credential_id = $2', row);
    const view = await chamber.release();
    const stolen = { ...ballot({ id: victim.id, passkey: attacker }, view, { seat: 'safety-1' }) };
    const signed = { ...stolen.signed, credential: victim.passkey.credential };
    expect(await cast(victim, view.id, { ...stolen, signed })).toBe('bad_signature');
    // A key of the attacker's own in the victim's account, with the victim's session: it takes the victim's earlier key.
    await attacker.register(chamber.server, victim);
    const { items } = await victim.charter.votingKeys();
    const challenge = items.find(({ credential }) => credential === attacker.credential)?.challenge ?? '';
    expect(await refused(victim.charter.enrol({ signed: attacker.sign(challenge) }))).toBe('bad_signature');
    const earlier = attacker.sign(challenge);
    expect(await refused(victim.charter.enrol({ signed: attacker.sign(challenge), earlier }))).toBe('bad_signature');
    expect(await cast(victim, view.id, stolen)).toBe('bad_signature');
    // Rows that say more than the ledger: a role, another account's key.
    await chamber.database.query("UPDATE person SET role = 'administrator' WHERE id = $1", [stranger.id]);
    await chamber.database.query('UPDATE passkey SET person_id = $1 WHERE credential_id = $2', [stranger.id, one(3).passkey.credential]);
    expect(await cast(stranger, view.id, ballot({ id: stranger.id, passkey: one(3).passkey }, view, { seat: 'safety-2' }))).toBe(
      'bad_signature',
    );
    expect(await yesOf(view.id)).toBe(0);
    // What the ledger says holds, whatever became of the rows.
    expect((await victim.charter.vote(view.id, ballot(victim, view, { seat: 'safety-1' }))).yes).toBe(1);
    await chamber.database.query('UPDATE passkey SET public_key = $1 WHERE credential_id = $2', [
      before?.['public_key'],
      victim.passkey.credential,
    ]);
  });

  it('executes exactly once when the last votes come at the same time', async () => {
    for (let round = 0; round < 5; round += 1) {
      const view = await chamber.release(one(0));
      const seats = ['safety-1', 'operations-2', 'operations-3'];
      const votes = [one(1), one(2), one(4)].map((by, i) => by.charter.vote(view.id, ballot(by, view, { seat: seats[i] ?? '' })));
      const answers = await Promise.allSettled(votes);
      expect(answers.some((answer) => answer.status === 'fulfilled' && answer.value.state === 'executed')).toBe(true);
      expect(await chamber.isLatched(view.latch)).toBe(false);
      expect(await chamber.entries('latch.released', view.latch)).toBe(1);
      expect(await chamber.entries('proposal.passed', view.id)).toBe(1);
      expect(await cast(one(2), view.id, ballot(one(2), view, { seat: 'operations-2' }))).toBe('conflict');
    }
  });

  it('lowers the bar of an amendment only by the bar that stands', async () => {
    const text = (await one(0).charter.charter()).inForce?.text ?? '';
    const lowered = nextVersion(text, 2)
      .replaceAll(/votes: \d, of: 5, bodies: 2/g, 'votes: 1, of: 5')
      .replace(/\nbreakGlass:.*/s, '');
    const own = nextVersion(text, 2).replace(/(charter\.amend:\n {4}quorum: \{ votes: )3, of: 5, bodies: 2/, '$11, of: 5');
    // One power through another: two people could amend, and with it everything else.
    const chain = await propose(one(0), { power: 'charter.amend', text: own }).then(
      () => '',
      (error: unknown) => String(error),
    );
    expect(chain).toMatch(/breaks law 5.*2 people can exercise.*whose quorum takes/s);
    expect(chain).toMatch(/charter\.amend/);
    // All at once would be sound; still it takes the three votes of the charter that is in force.
    const view = await propose(one(0), { power: 'charter.amend', text: lowered });
    expect(await vote(one(1), view.id)).toMatchObject({ state: 'open', takes: 3 });
    expect(await vote(one(2), view.id)).toMatchObject({ state: 'open', yes: 2 });
    expect((await one(0).charter.charter()).inForce?.version).toBe(1);
    await one(0).charter.withdraw(view.id);
  });

  it('appoints nobody to vote on what was cast before: the old vote is void, and the new one stands alone', async () => {
    const pending = await chamber.release(one(4));
    expect((await vote(one(1), pending.id)).yes).toBe(1);
    expect(await cast(stranger, pending.id, ballot(stranger, pending, { seat: 'safety-1' }))).toBe('forbidden');
    const change: ProposedAct = { power: 'seat.change', seat: 'safety-1', holder: stranger.id, alternates: [one(2).id], term: null };
    const decided: ProposalView = await chamber.decide(one(0), change, [one(1), one(2), one(4)]);
    expect(decided.state).toBe('executed');
    expect(await yesOf(pending.id)).toBe(0);
    expect(await vote(stranger, pending.id)).toMatchObject({ yes: 1, state: 'open' });
    expect(await cast(one(1), pending.id, ballot(one(1), pending, { seat: 'safety-1' }))).toBe('forbidden');
    expect(await chamber.isLatched(pending.latch)).toBe(true);
  });
});
