import { randomUUID } from 'node:crypto';
import { CharterRecord } from '@wheelhouse/charter/charter-record';
import { decideProposal } from '@wheelhouse/charter/decide-proposal';
import { newCharter } from '@wheelhouse/charter/new-charter';
import type { ProposalFile } from '@wheelhouse/charter/proposal-files';
import type { Principal } from '@wheelhouse/protocol/identity';
import { ProposalViews } from '../../apps/api/src/charter/proposal-view.ts';
import { found, overseers, vote } from '../harness/founders.ts';
import { TestServer } from '../harness/server.ts';
import { bigRecord, EPOCH, fivePeople, withProposals } from './charter-scene.ts';
import { Latencies, type Row } from './measure.ts';

const PART = 'charter';
const OPEN = 10_000;
const VOTERS = 1000;
const PAGE = 50;

/** What deciding by the charter costs: a vote, an inbox with very many proposals, and the way from the last vote to open gates. */
export async function charterRows(quick: boolean): Promise<Row[]> {
  const evaluated = voteCost(quick ? 2000 : 20_000);
  const inbox = inboxCost(quick ? 60 : 400);
  const released = await releaseCost(quick ? 25 : 150);
  return [
    {
      ...{ part: PART, kind: 'spread', name: 'a vote evaluated, charter of five', unit: 'us', latencies: evaluated, goals: { p99: 100 } },
      note: 'decideProposal with a vote beside another: exclusions, voices, tally and what follows; without its signature',
    },
    {
      ...{
        part: PART,
        kind: 'spread',
        name: `inbox page, ${OPEN} open, ${VOTERS} voters`,
        unit: 'ms',
        latencies: inbox,
        goals: { p99: 100 },
      },
      note: 'the first 50 that wait for somebody, among them people for whom none does, so that all are looked at; as bytes of JSON',
    },
    {
      ...{
        part: PART,
        kind: 'spread',
        name: 'last vote to open gates, 100 sessions',
        unit: 'ms',
        latencies: released,
        goals: { p99: 250 },
      },
      note: 'from sending the vote to its answer, which comes after the entries are durable and the gates open; signature, HTTP and PostgreSQL in it',
    },
  ];
}

function voteCost(times: number): Latencies {
  const record = new CharterRecord();
  const people = fivePeople();
  withProposals(record, newCharter({ people, from: EPOCH }), { people, many: 1, votesEach: 1 });
  const [file] = record.proposals.all();
  const [voter] = people.slice(2);
  if (file === undefined || voter === undefined) throw new Error('the scene has no proposal');
  const seat = [...(record.inForce?.charter.seats.values() ?? [])].find(({ holder }) => holder === voter.id)?.id ?? '';
  const latencies = new Latencies();
  const cast = { id: randomUUID(), person: voter.id, seat, choice: 'yes', digest: file.life.proposal.digest, reason: '' } as const;
  const context = contextOf(record, file);
  for (let i = 0; i < times + 1000; i += 1) {
    const start = performance.now();
    const decided = decideProposal(
      file.life,
      { type: 'vote', by: { kind: 'person', id: voter.id, role: 'operator' }, vote: { ...cast, stepUp: true, at: 0 } },
      context,
    );
    const took = performance.now() - start;
    if ('refused' in decided) throw new Error(decided.message);
    if (i >= 1000) latencies.addMs(took);
  }
  return latencies;
}

function inboxCost(pages: number): Latencies {
  const record = bigRecord({ voters: VOTERS, open: OPEN });
  const views = new ProposalViews({
    contextOf: (file) => contextOf(record, file),
    askedOf: () => Promise.resolve(null),
    nameOf: (person) => person,
  });
  const viewers = [...(record.inForce?.charter.people.keys() ?? []), 'a-stranger'];
  const latencies = new Latencies();
  for (let i = 0; i < pages; i += 1) {
    // Every tenth looks for somebody for whom nothing waits: the whole list is gone through.
    const person = i % 10 === 0 ? 'a-stranger' : (viewers[(i * 37) % viewers.length] ?? '');
    const viewer: Principal = { kind: 'person', id: person, person, name: person, role: 'operator', tenant: 'house' };
    const start = performance.now();
    const found: ProposalFile[] = [];
    for (const file of [...record.proposals.pending()].reverse()) {
      if (views.waitsFor(person, file)) found.push(file);
      if (found.length > PAGE) break;
    }
    JSON.stringify(found.slice(0, PAGE).map((file) => views.line(viewer, file)));
    latencies.addMs(performance.now() - start);
  }
  return latencies;
}

function contextOf(record: CharterRecord, { act, conflicts, life }: ProposalFile) {
  const { proposer, policy, subject } = life.proposal;
  return record.contextOf({ act, conflicts, proposer }, { now: EPOCH + 60_000, policy, subject });
}

async function releaseCost(times: number): Promise<Latencies> {
  const server = await TestServer.start();
  try {
    const people = await overseers(server, 5);
    await found(people);
    const [proposer, first, last] = people;
    if (proposer === undefined || first === undefined || last === undefined) throw new Error('fewer than five people came');
    for (let i = 0; i < 100; i += 1) await proposer.api.openSession();
    const latencies = new Latencies();
    for (let i = 0; i < times; i += 1) {
      const order = randomUUID();
      await proposer.api.order({ id: order, kind: 'hold', scope: { type: 'everything' }, reason: 'bench' });
      const release = await proposer.api.askRelease({ id: randomUUID(), kind: 'release', latch: order, reason: 'bench' });
      await vote(first, release.id);
      const start = performance.now();
      const view = await vote(last, release.id);
      latencies.addMs(performance.now() - start);
      if (view.state !== 'executed') throw new Error(`the release is ${view.state}`);
    }
    return latencies;
  } finally {
    await server.dispose();
  }
}
