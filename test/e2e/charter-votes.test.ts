import { randomUUID } from 'node:crypto';
import type { ProposedAct } from '@wheelhouse/protocol/proposed-act';
import { CharterClient } from '@wheelhouse/sdk/charter-client';
import { NoticeClient } from '@wheelhouse/sdk/notice-client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { brisk, Chamber, nextVersion, withRule } from '../harness/chamber.ts';
import { ended, fetched } from '../harness/export-story.ts';
import { ballot, type Overseer, propose, vote } from '../harness/founders.ts';
import { OperatorLine } from '../harness/operator-line.ts';
import { SoftwarePasskey } from '../harness/passkey.ts';
import { refused } from '../harness/refused.ts';
import { until } from '../harness/until.ts';

/** Votes on levels are over soon; the safety body can stop a release. */
const edited = (draft: string): string =>
  withRule(withRule(brisk(draft), 'level.raise', 'voteWithin: 3s'), 'latch.release', 'veto: { bodies: [safety] }');

describe('a proposal', () => {
  let chamber: Chamber;
  const one = (i: number) => chamber.person(i);
  const cast = (by: Overseer, id: string, request: Parameters<CharterClient['vote']>[1]) => refused(by.charter.vote(id, request));

  beforeAll(async () => {
    chamber = await Chamber.open(5, edited);
  });
  afterAll(() => chamber.dispose());

  it('is made by an API key, which never votes, and counts as its holder’s', async () => {
    const { latch } = await chamber.latch();
    const { key } = await chamber.server.key(one(0), ['proposals:open', 'orders:give', 'ledger:read', 'sessions:read', 'sessions:open']);
    const program = new CharterClient(chamber.server.url, { key });
    const view = await program.propose({ id: randomUUID(), act: { power: 'latch.release', latch }, reason: 'by a program' });
    expect(view).toMatchObject({ state: 'open', proposer: { kind: 'key', person: one(0).id }, waitsForYou: false });
    expect(await refused(program.vote(view.id, ballot(one(0), view, { seat: 'operations-1' })))).toBe('forbidden');
    expect(await refused(program.vote(view.id, ballot(one(1), view, { seat: 'safety-1' })))).toBe('forbidden');
    expect(await refused(program.declareConflict(view.id))).toBe('forbidden');
    expect(await refused(program.enrol({ signed: one(0).passkey.sign('AAAA') }))).toBe('forbidden');
    // Nor does the key's holder vote on what their key proposed.
    expect(await cast(one(0), view.id, ballot(one(0), view, { seat: 'operations-1' }))).toBe('forbidden');
    const blind = new CharterClient(chamber.server.url, { key: (await chamber.server.key(one(0), ['orders:give'])).key });
    expect(await refused(blind.propose({ id: randomUUID(), act: { power: 'latch.release', latch }, reason: 'x' }))).toBe('forbidden');
    expect(await vote(one(1), view.id)).toMatchObject({ yes: 1, state: 'open' });
    expect((await program.withdraw(view.id, 'not needed')).state).toBe('withdrawn');
  });

  it('that nobody answers is not approved: its time runs out, and a vote that comes then is late', async () => {
    const { session } = await one(0).api.openSession();
    const latch = randomUUID();
    await one(0).api.order({ id: latch, kind: 'level', level: 1, scope: { type: 'session', session: session.id }, reason: 'slow' });
    const view = await propose(one(0), { power: 'level.raise', latch });
    expect(await vote(one(1), view.id)).toMatchObject({ yes: 1, takes: 2 });
    const late = ballot(one(2), view, { seat: 'operations-2' });
    // Nobody looks at it meanwhile.
    await until('it to be closed', async () => (await chamber.entries('proposal.closed', view.id)) === 1);
    expect(await cast(one(2), view.id, late)).toBe('conflict');
    const over = await one(0).charter.proposal(view.id);
    expect([over.state, over.ended?.because]).toEqual(['expired', 'The time to vote was over; silence never approves.']);
    expect(await chamber.isLatched(latch)).toBe(true);
    expect((await one(0).api.session(session.id)).effectiveLevel).toBe(1);
  });

  it('takes a reason with a no and with a veto, and is stopped by one veto, whatever the yes votes', async () => {
    const view = await chamber.release(one(0));
    expect(await cast(one(1), view.id, ballot(one(1), view, { seat: 'safety-1', choice: 'no', reason: ' ' }))).toBe('malformed');
    expect(await cast(one(1), view.id, ballot(one(1), view, { seat: 'safety-1', choice: 'veto', reason: '' }))).toBe('malformed');
    expect(await cast(one(2), view.id, ballot(one(2), view, { seat: 'operations-2', choice: 'veto' }))).toBe('forbidden');
    await vote(one(4), view.id);
    const stopped = await vote(one(3), view.id, 'veto');
    expect(stopped).toMatchObject({ state: 'vetoed', votes: [{ choice: 'yes' }, { choice: 'veto', reason: 'not now' }] });
    expect(await cast(one(1), view.id, ballot(one(1), view, { seat: 'safety-1' }))).toBe('conflict');
    expect(await chamber.isLatched(view.latch)).toBe(true);
  });

  it('is rejected once enough say no, by their last word', async () => {
    const view = await chamber.release(one(0));
    await vote(one(1), view.id);
    expect(await vote(one(1), view.id, 'no')).toMatchObject({ yes: 0, no: 1 });
    await vote(one(2), view.id, 'no');
    await vote(one(3), view.id, 'no').catch(() => null);
    expect((await one(0).charter.proposal(view.id)).state).toBe('rejected');
    expect(await chamber.isLatched(view.latch)).toBe(true);
    // The same latch can be asked for again.
    expect((await chamber.decide(one(4), { power: 'latch.release', latch: view.latch }, [one(1), one(2)])).state).toBe('executed');
  });

  it('is withdrawn by its proposer only, and loses the vote of whoever declares a conflict', async () => {
    const view = await chamber.release(one(0));
    expect(await refused(one(1).charter.withdraw(view.id))).toBe('forbidden');
    expect(await refused(one(1).api.withdrawRelease(view.id))).toBe('forbidden');
    await vote(one(1), view.id);
    expect(await one(1).charter.declareConflict(view.id, 'my own deployment')).toMatchObject({ yes: 0, state: 'open' });
    expect(await cast(one(1), view.id, ballot(one(1), view, { seat: 'safety-1' }))).toBe('forbidden');
    expect((await one(0).api.withdrawRelease(view.id)).state).toBe('withdrawn');
    expect((await one(0).charter.proposal(view.id)).state).toBe('withdrawn');
    expect(await cast(one(2), view.id, ballot(one(2), view, { seat: 'operations-2' }))).toBe('conflict');
  });

  it('is carried out once, and superseded when what it is about has changed', async () => {
    const view = await chamber.release(one(0));
    const last = ballot(one(2), view, { seat: 'operations-2' });
    await vote(one(1), view.id);
    expect((await one(2).charter.vote(view.id, last)).state).toBe('executed');
    expect((await one(2).charter.vote(view.id, last)).state).toBe('executed');
    const [act, id] = [view.act, view.id];
    expect(await refused(one(0).charter.propose({ id, act, reason: 'once more' }))).toBe('conflict');
    expect((await one(0).charter.propose({ id, act, reason: 'a test' })).state).toBe('executed');
    expect(await refused(propose(one(0), act))).toBe('not_in_force');
    expect(await chamber.entries('latch.released', view.latch)).toBe(1);
  });

  it('for everything in the record makes the export only after the votes', async () => {
    const asked = await one(0).api.askExport({ format: 'csv', profile: 'full', reason: 'a court asks' });
    expect(asked).toMatchObject({ state: 'waits' });
    expect(await refused(one(1).api.confirmExport(asked.id))).toBe('forbidden');
    expect(await vote(one(1), asked.id)).toMatchObject({ state: 'open', power: 'record.export' });
    expect((await one(0).api.export(asked.id)).state).toBe('waits');
    expect(await refused(one(0).api.exportLink(asked.id))).toBe('not_ready');
    expect((await vote(one(2), asked.id)).state).toBe('executed');
    expect((await ended(one(0).api, asked.id)).state).toBe('made');
    expect((await fetched(one(0).api, asked.id)).length).toBeGreaterThan(1000);
    expect(await chamber.entries('export.confirmed', asked.id)).toBe(1);
  });

  it('for an erasure that a legal hold forbids fails with the reason, and nothing is erased', async () => {
    const record = { what: ['audio' as const], retention: 'regulated' as const, consent: 'form 7' };
    const { session } = await one(0).api.openSession({ deployment: 'echo', subject: 'a witness', record });
    const subject = (await one(0).api.content(session.id)).subject;
    const view = await propose(one(0), { power: 'record.erase', subject });
    await vote(one(1), view.id);
    const hold = await one(0).api.placeHold({ id: randomUUID(), subject, reason: 'a lawsuit' });
    const failed = await vote(one(2), view.id);
    expect(failed.state).toBe('failed');
    expect(failed.ended?.because).toContain(`Hold ${hold.id} covers`);
    expect(await chamber.entries('subject.erased')).toBe(0);
    expect(await chamber.database.query('SELECT living FROM subject_key WHERE subject = $1', [subject])).not.toContainEqual({
      living: null,
    });
    // What was asked for is taken back, and can be asked for again.
    expect((await one(0).api.erasures()).find(({ id }) => id === view.id)?.state).toBe('withdrawn');
    const again = await propose(one(0), { power: 'record.erase', subject });
    expect((await one(0).charter.withdraw(again.id)).state).toBe('withdrawn');
  });

  it('lets somebody who lost their passkeys enrol another, once, and never one of the old ones', async () => {
    const loser = one(4);
    const fresh = new SoftwarePasskey(chamber.server.url);
    await fresh.register(chamber.server, loser);
    const challengeOf = async (passkey: SoftwarePasskey) =>
      (await loser.charter.votingKeys()).items.find(({ credential }) => credential === passkey.credential)?.challenge ?? '';
    const challenge = await challengeOf(fresh);
    expect(await refused(loser.charter.enrol({ signed: fresh.sign(challenge) }))).toBe('bad_signature');
    const grant: ProposedAct = { power: 'access.grant', person: loser.id, grant: 'voting_key' };
    // They do not decide on it themselves.
    const view = await propose(one(0), grant);
    expect(await cast(loser, view.id, ballot(loser, view, { seat: 'operations-3' }))).toBe('forbidden');
    await vote(one(1), view.id);
    expect((await vote(one(2), view.id)).state).toBe('executed');
    const pending = await chamber.release(one(0));
    expect(await cast(loser, pending.id, ballot(loser, pending, { seat: 'operations-3' }))).toBe('bad_signature');
    expect(await refused(loser.charter.enrol({ signed: loser.passkey.sign(await challengeOf(loser.passkey)) }))).toBe('conflict');
    expect((await loser.charter.enrol({ signed: fresh.sign(challenge) })).mayEnrolFreely).toBe(false);
    expect((await vote({ ...loser, passkey: fresh }, pending.id)).yes).toBe(1);
    const third = new SoftwarePasskey(chamber.server.url);
    await third.register(chamber.server, loser);
    const next = await challengeOf(third);
    expect(await refused(loser.charter.enrol({ signed: third.sign(next) }))).toBe('bad_signature');
    expect(await refused(loser.charter.enrol({ signed: third.sign(next), earlier: loser.passkey.sign(next) }))).toBe('bad_signature');
    expect(await refused(loser.charter.enrol({ signed: third.sign(next), earlier: one(1).passkey.sign(next) }))).toBe('bad_signature');
    const { items } = await loser.charter.enrol({ signed: third.sign(next), earlier: fresh.sign(next) });
    expect(items.filter(({ votes }) => votes).map(({ credential }) => credential)).toEqual([fresh.credential, third.credential]);
  });

  it('for a charter is refused where that breaks law 5, can’t be read, or does not count up', async () => {
    const text = (await one(0).charter.charter()).inForce?.text ?? '';
    const amend = (to: string) => refused(propose(one(0), { power: 'charter.amend', text: to }));
    expect(await amend(text)).toBe('conflict');
    expect(await amend(nextVersion(text, 2).replace(', holder: ', ', holder: &a '))).toBe('charter_refused');
    for (const hostile of [
      'version: 2\npeople: [a',
      'version: 2',
      '&a [*a, *a]',
      '!!js/function "x"',
      nextVersion(text, 2).replace('voteWithin: 12h', `voteWithin: ${'9'.repeat(400)}h`),
      nextVersion(text, 2).replace('voteWithin: 12h', 'voteWithin: 12mo'),
      nextVersion(text, 2).replace('votes: 2', 'votes: 1e9'),
      `${'['.repeat(15_000)}${']'.repeat(15_000)}`,
      `${nextVersion(text, 2)}\n__proto__: { version: 9 }\n`,
    ])
      expect(await amend(hostile), hostile.slice(0, 60)).toBe('charter_refused');
    expect(await amend(`${nextVersion(text, 2)}\n# ${'x'.repeat(40_000)}`)).toBe('malformed');
    expect(await amend(`${nextVersion(text, 2)}\n# \u0000`)).toBe('malformed');
    const words = await propose(one(0), {
      power: 'charter.amend',
      text: nextVersion(text, 2)
        .replaceAll(/holder: [^,]+,/g, `holder: ${one(0).id},`)
        .replaceAll(/alternates: \[.*?\]/g, 'alternates: []'),
    }).catch((error: unknown) => String(error));
    expect(words).toMatch(/breaks law 5 \(no one person\).*everyone together.*at most/s);
  });

  it('that is open when another charter is adopted is superseded, and its people are told', async () => {
    const open = await chamber.release(one(0));
    await vote(one(3), open.id);
    const line = await OperatorLine.open(chamber.server.url, { cookie: one(3).cookie });
    const text = nextVersion((await one(0).charter.charter()).inForce?.text ?? '', 2);
    expect((await chamber.decide(one(4), { power: 'charter.amend', text }, [one(0), one(1), one(2)])).state).toBe('executed');
    await line.next('proposal', ({ data }) => data.id === open.id);
    expect((await chamber.reaches(open.id, 'superseded')).ended?.because).toContain('charter changed');
    expect(await cast(one(1), open.id, ballot(one(1), open, { seat: 'safety-1' }))).toBe('conflict');
    expect(await chamber.isLatched(open.latch)).toBe(true);
    for (const person of [one(0), one(3)]) {
      const notices = new NoticeClient(chamber.server.url, { cookie: person.cookie });
      const told = await until('the notice', async () =>
        (await notices.notices()).items.find(({ path }) => path.endsWith(open.id) && path),
      );
      expect(told).toMatchObject({ kind: 'proposal_closed' });
    }
    line.close();
    expect((await chamber.decide(one(0), { power: 'latch.release', latch: open.latch }, [one(1), one(2)])).state).toBe('executed');
  });
});
