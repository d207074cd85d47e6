import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { LedgerHeads, type LedgerHead } from '@wheelhouse/protocol/ledger-view';
import { WitnessReport, type Witness } from '@wheelhouse/protocol/witness';
import { call } from '../rest/call.ts';
import { ProblemNote } from '../shell/problem-note.tsx';
import { OutsideCheck } from './outside-check.tsx';
import { dateTime, plural } from './plain-words.ts';
import { WatchPanel } from './watch-panel.tsx';

const EVERY_MS = 5000;

/** `/ledger/heads`: what the log has committed to, who vouches for it, and how to check that without us. */
export function HeadsPage() {
  const witnesses = useQuery({
    queryKey: ['ledger', 'witnesses'],
    refetchInterval: EVERY_MS,
    queryFn: () => call(WitnessReport, 'GET', '/v1/ledger/witnesses'),
  });
  return (
    <div className="ledger-page">
      <h1>Tree heads and witnesses</h1>
      <p className="lead">
        About once a second the log signs a head: how many entries it has, and one hash over all of them. Whoever keeps a head can prove
        later that nothing under it was changed.
      </p>
      <div className="entry-columns">
        <div className="entry-column">
          <WatchPanel />
          <ProblemNote error={witnesses.error} />
          {witnesses.data !== undefined && <Witnesses report={witnesses.data} />}
        </div>
        <div className="entry-column">
          <RecentHeads witnesses={witnesses.data?.witnesses ?? []} />
          <OutsideCheck />
        </div>
      </div>
    </div>
  );
}

function Witnesses({ report }: { report: WitnessReport }) {
  const { witnesses, quorum, signed, published } = report;
  return (
    <section className="card-section" aria-label="Witnesses" data-testid="witnesses">
      <h2>Witnesses</h2>
      {witnesses.length === 0 ? (
        <p>
          None. Whoever runs this installation could show two people two histories. A witness of somebody else’s ends that:{' '}
          <code>npx wheelhouse witness</code>.
        </p>
      ) : (
        <>
          <p>
            {quorum} of {witnesses.length} have to cosign a head before it is published. Published are{' '}
            {plural(published ?? 0, 'entry', 'entries')} of the {signed.toLocaleString('en')} that are signed.
          </p>
          <ul className="witnesses">
            {witnesses.map((witness) => (
              <WitnessItem key={witness.key} witness={witness} />
            ))}
          </ul>
        </>
      )}
    </section>
  );
}

function WitnessItem({ witness }: { witness: Witness }) {
  const { name, key, cosigned, trouble, forkSuspected } = witness;
  const state = forkSuspected ? 'fork suspected' : trouble !== null ? 'does not answer' : cosigned === null ? 'not asked yet' : 'cosigns';
  const tone = forkSuspected || trouble !== null ? 'bad' : cosigned === null ? 'none' : 'good';
  return (
    <li className={`witness step-${tone}`}>
      <h3>
        {name}: <span className="step-word">{state}</span>
      </h3>
      {cosigned !== null && (
        <p>
          Vouches for the first {plural(cosigned.size, 'entry', 'entries')} as of {dateTime(cosigned.time)}.
        </p>
      )}
      {trouble !== null && <p className="problem">{trouble}</p>}
      {forkSuspected && (
        <p className="problem">It was shown another history of this log. Stop changing anything, and run npx wheelhouse verify.</p>
      )}
      <code className="whole">{key}</code>
    </li>
  );
}

function RecentHeads({ witnesses }: { witnesses: readonly Witness[] }) {
  const pages = useInfiniteQuery({
    queryKey: ['ledger', 'heads'],
    refetchInterval: EVERY_MS,
    initialPageParam: '',
    queryFn: ({ pageParam }) =>
      call(LedgerHeads, 'GET', `/v1/ledger/heads?limit=20${pageParam === '' ? '' : `&cursor=${encodeURIComponent(pageParam)}`}`),
    getNextPageParam: (page) => page.next,
  });
  const heads = pages.data?.pages.flatMap(({ items }) => items) ?? [];
  return (
    <section className="card-section" aria-label="Recent heads">
      <h2>Recent heads</h2>
      <ProblemNote error={pages.error} />
      {pages.isPending ? (
        <p className="soft">Reading…</p>
      ) : (
        <div className="heads-scroller" tabIndex={0} role="group" aria-label="Recent heads, scrollable">
          <table className="heads" data-testid="heads">
            <thead>
              <tr>
                <th scope="col">Entries</th>
                <th scope="col">Signed</th>
                <th scope="col">Root</th>
                {witnesses.length > 0 && <th scope="col">Vouched for by</th>}
              </tr>
            </thead>
            <tbody>
              {heads.map((head) => (
                <HeadRow key={head.size} head={head} witnesses={witnesses} />
              ))}
            </tbody>
          </table>
          {heads.length === 0 && <p className="soft">No head has been signed yet.</p>}
        </div>
      )}
      {pages.hasNextPage && (
        <button type="button" disabled={pages.isFetchingNextPage} onClick={() => void pages.fetchNextPage()}>
          Older heads
        </button>
      )}
    </section>
  );
}

/** A witness that cosigned a later head vouches for this one too: it has checked that one grew out of the other. */
function HeadRow({ head, witnesses }: { head: LedgerHead; witnesses: readonly Witness[] }) {
  const vouching = witnesses.filter(({ cosigned }) => cosigned !== null && cosigned.size >= head.size);
  return (
    <tr>
      <td className="number">{head.size.toLocaleString('en')}</td>
      <td className="number heads-time">{dateTime(head.signedAt)}</td>
      <td>
        <code title={head.root}>{head.root.slice(0, 12)}…</code>
      </td>
      {witnesses.length > 0 && (
        <td>{vouching.length === 0 ? <span className="soft">nobody yet</span> : vouching.map(({ name }) => name).join(', ')}</td>
      )}
    </tr>
  );
}
