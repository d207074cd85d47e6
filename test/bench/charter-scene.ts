import { createHash, randomUUID } from 'node:crypto';
import { CharterRecord } from '@wheelhouse/charter/charter-record';
import { newCharter } from '@wheelhouse/charter/new-charter';
import type { CharterEntry } from '@wheelhouse/charter/charter-kinds';
import type { Actor } from '@wheelhouse/protocol/identity';

/** When the scenes take place, in milliseconds since 1970. */
export const EPOCH = Date.UTC(2026, 5, 1);

type Someone = { readonly id: string; readonly name: string };

export function fivePeople(): Someone[] {
  return ['ann', 'bob', 'cem', 'dan', 'eve'].map((id) => ({ id, name: id }));
}

const NAME = 'sha256:bench';
const SIGNED = { credential: 'bench', authenticatorData: 'bench', clientData: 'bench', signature: 'bench' };

/** A record with a charter in force, and proposals that are open under it; each with some votes. */
export function withProposals(
  record: CharterRecord,
  text: string,
  { people, many, votesEach }: { people: readonly Someone[]; many: number; votesEach: number },
): void {
  let index = 0;
  const take = (entry: CharterEntry) => {
    record.take(index, entry);
    index += 1;
  };
  const envelope = (by: Actor) =>
    ({ v: 2, id: randomUUID(), time: new Date(EPOCH).toISOString(), clock: 0, by, policy: 'built-in/1', charter: NAME }) as const;
  take({
    ...envelope({ kind: 'person', id: 'ann', role: 'administrator' }),
    kind: 'charter.adopted',
    data: { proposal: randomUUID(), name: NAME, version: 1, charterText: text },
  });
  const holders = new Map([...(record.inForce?.charter.seats.values() ?? [])].map(({ id, holder }) => [holder, id]));
  for (let i = 0; i < many; i += 1) {
    const proposal = randomUUID();
    const digest = createHash('sha256').update(proposal).digest('hex');
    const by = (offset: number): Actor => ({ kind: 'person', id: people[(i + offset) % people.length]?.id ?? '', role: 'operator' });
    const none = { count: 0, first: [] };
    take({
      ...envelope(by(0)),
      kind: 'proposal.opened',
      data: {
        ...{ proposal, power: 'latch.release', act: { power: 'latch.release', latch: randomUUID() }, digest, about: digest, authors: [] },
        ...{ preview: { title: `Release order #${i}`, lines: [], sessions: none, deployments: none }, reason: 'bench', seal: digest },
      },
    });
    for (let j = 1; j <= votesEach; j += 1)
      take({
        ...envelope(by(j)),
        kind: 'vote.cast',
        data: {
          ...{ proposal, vote: randomUUID(), seat: holders.get(by(j).id) ?? '', choice: 'yes', digest, reason: '' },
          ...{ signed: SIGNED, seconds: 20, evidence: true },
        },
      });
  }
}

/** Very many proposals, and very many people who may vote on each. */
export function bigRecord({ voters, open }: { voters: number; open: number }): CharterRecord {
  const people = Array.from({ length: voters }, (_, i) => ({ id: `p${i}`, name: `P ${i}` }));
  const record = new CharterRecord();
  withProposals(record, newCharter({ people, from: EPOCH }).replaceAll(/votes: \d+/g, `votes: ${Math.floor(voters / 2)}`), {
    people,
    many: open,
    votesEach: 1,
  });
  return record;
}
