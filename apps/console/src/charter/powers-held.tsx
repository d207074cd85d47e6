import type { TransitionReport } from '@wheelhouse/protocol/charter-view';
import { dateTime } from '../ledger/plain-words.ts';
import { useNow } from '../shell/use-now.ts';
import { bySeat, type HeldAlike, placeIn, type Stretch, stretchesOf } from './transition-words.ts';

type Span = Pick<TransitionReport, 'from' | 'until'>;

/** The seats of powers that are held alike: a picture of who represented them when, and the same as a table. */
export function PowersHeld({ span, held }: { span: Span; held: HeldAlike }) {
  return (
    <section className="charter-card" aria-label={held.powers.join(', ')} data-testid="powers-held">
      <h2>
        {held.powers.map((power) => (
          <code key={power} className="charter-tag">
            {power}
          </code>
        ))}
      </h2>
      <ul data-testid="gaps-and-overlaps">
        <li>{held.gaps.length === 0 ? '✓ No gap: somebody represents every seat at all times.' : <b>{gapsInWords(held)}</b>}</li>
        <li>{held.overlaps.length === 0 ? '✓ No overlap: everybody represents one seat at a time.' : <b>{overlapsInWords(held)}</b>}</li>
      </ul>
      <Timeline span={span} held={held} />
      <details open={held.gaps.length > 0}>
        <summary>As a table</summary>
        <TenureTable held={held} />
      </details>
    </section>
  );
}

function gapsInWords({ gaps }: HeldAlike): string {
  const seats = [...new Set(gaps.map(({ seat }) => seat))].join(', ');
  return `✗ ${gaps.length === 1 ? 'A gap' : `${gaps.length} gaps`}: for some time nobody represents ${seats}.`;
}

function overlapsInWords({ overlaps }: HeldAlike): string {
  const names = [...new Set(overlaps.map(({ name }) => name))];
  return `Overlaps: for some time ${names.join(', ')} ${names.length === 1 ? 'represents' : 'represent'} several seats, and ${names.length === 1 ? 'counts once' : 'count once each'}.`;
}

function Timeline({ span, held }: { span: Span; held: HeldAlike }) {
  const now = new Date(useNow()).toISOString();
  const isWithin = span.from < now && now < span.until;
  return (
    <div className="timeline" aria-hidden="true">
      <div className="timeline-row timeline-scale">
        <span />
        <div className="timeline-track">
          <span>{dayOf(span.from)}</span>
          <span>{dayOf(span.until)}</span>
        </div>
      </div>
      {bySeat(held.tenures).map(({ seat, tenures }) => (
        <div key={seat} className="timeline-row">
          <span className="timeline-seat">{seat}</span>
          <div className="timeline-track">
            {tenures
              .flatMap((tenure) => stretchesOf(held, tenure))
              .map((stretch) => (
                <Bar key={stretch.from} span={span} stretch={stretch} />
              ))}
            {isWithin && <i className="timeline-now" style={{ left: `${placeIn(span, { from: now, until: now }).left}%` }} />}
          </div>
        </div>
      ))}
      {isWithin && <p className="soft timeline-key">The upright line is now.</p>}
    </div>
  );
}

function Bar({ span, stretch }: { span: Span; stretch: Stretch }) {
  const { left, width } = placeIn(span, stretch);
  const { person, also } = stretch;
  const name = stretch.name ?? person ?? '✗ nobody';
  const words = also.length > 0 ? `${name}, also ${also.join(', ')}` : name;
  return (
    <span
      className={`timeline-bar timeline-${person === null ? 'gap' : also.length > 0 ? 'overlap' : 'held'}`}
      style={{ left: `${left}%`, width: `${width}%` }}
      title={`${words}: ${dateTime(stretch.from)} to ${dateTime(stretch.until)}`}
    >
      {words}
    </span>
  );
}

function TenureTable({ held }: { held: HeldAlike }) {
  return (
    <div className="charter-scroll">
      <table className="charter-table" data-testid="tenures">
        <thead>
          <tr>
            <th scope="col">Seat</th>
            <th scope="col">Represented by</th>
            <th scope="col">From</th>
            <th scope="col">Until</th>
            <th scope="col">Note</th>
          </tr>
        </thead>
        <tbody>
          {bySeat(held.tenures).flatMap(({ seat, tenures }) =>
            tenures
              .flatMap((tenure) => stretchesOf(held, tenure))
              .map((tenure) => (
                <tr key={`${seat} ${tenure.from}`}>
                  <th scope="row">{seat}</th>
                  <td>{tenure.name ?? tenure.person ?? <span className="charter-mark">nobody</span>}</td>
                  <td>
                    <time dateTime={tenure.from} title={dateTime(tenure.from)}>
                      {minuteOf(tenure.from)}
                    </time>
                  </td>
                  <td>
                    <time dateTime={tenure.until} title={dateTime(tenure.until)}>
                      {minuteOf(tenure.until)}
                    </time>
                  </td>
                  <td>{noteOn(tenure)}</td>
                </tr>
              )),
          )}
        </tbody>
      </table>
    </div>
  );
}

function noteOn({ person, also }: Stretch): string {
  if (person === null) return 'gap';
  return also.length === 0 ? '' : `overlap with ${also.join(', ')}: counts once`;
}

function dayOf(iso: string): string {
  return iso.slice(0, 10);
}

function minuteOf(iso: string): string {
  return `${iso.slice(0, 10)} ${iso.slice(11, 16)} UTC`;
}
