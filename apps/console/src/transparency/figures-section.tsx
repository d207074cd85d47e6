import { LATCH_KINDS } from '@wheelhouse/protocol/order';
import type { Transparency } from '@wheelhouse/protocol/transparency';
import { POWER_WORDS } from '../approvals/power-words.ts';
import { plural } from '../ledger/plain-words.ts';
import { ceilingSentence, KIND_WORDS, microsInWords } from './public-words.ts';
import { Figure, Figures, Moment, Section } from './section.tsx';

export function CeilingSection({ page: { ceiling, notices } }: { page: Transparency }) {
  return (
    <Section id="now" title="At present" note="How far the AI may go by itself now, and what is about to change.">
      <p className={ceiling.level < 5 ? 'public-lead public-mark' : 'public-lead'} data-testid="ceiling">
        {ceilingSentence(ceiling.level)}
      </p>
      {ceiling.because.length > 0 && (
        <ul className="public-list">
          {ceiling.because.map((reason) => (
            <li key={reason}>{reason}.</li>
          ))}
        </ul>
      )}
      <h3>Open notices</h3>
      {notices.length === 0 && <p>None: nothing that was decided waits for its notice to end.</p>}
      <ul className="public-list" data-testid="notices">
        {notices.map(({ power, openedAt, passesAt }) => (
          <li key={`${power} ${openedAt} ${passesAt}`}>
            <strong>{POWER_WORDS[power]}</strong> has its votes, and takes effect on <Moment iso={passesAt} /> unless vetoed. Proposed on{' '}
            <Moment iso={openedAt} />.
          </li>
        ))}
      </ul>
    </Section>
  );
}

export function OverridesSection({ page: { overrides } }: { page: Transparency }) {
  const { days, byKind, inForce, gateClosedUs } = overrides;
  const total = LATCH_KINDS.reduce((sum, kind) => sum + byKind[kind], 0);
  const none = 'no order yet';
  return (
    <Section
      id="overrides"
      title="How often people overrode it"
      note={`Orders of the last ${days} days. One person can always stop the AI; letting it go on takes more.`}
    >
      <Figures>
        <Figure name={`orders in ${days} days`} value={total.toLocaleString('en')} testId="orders-total" />
        <Figure name="in force now" value={inForce.toLocaleString('en')} testId="orders-in-force" />
        <Figure
          name="from order to closed gates, half of them within"
          value={gateClosedUs.p50 === null ? none : microsInWords(gateClosedUs.p50)}
          testId="gate-p50"
        />
        <Figure name="99 of 100 within" value={gateClosedUs.p99 === null ? none : microsInWords(gateClosedUs.p99)} testId="gate-p99" />
      </Figures>
      <table className="public-table" data-testid="orders-by-kind">
        <thead>
          <tr>
            <th scope="col">Order</th>
            <th scope="col">What it does</th>
            <th scope="col">Times</th>
          </tr>
        </thead>
        <tbody>
          {LATCH_KINDS.map((kind) => (
            <tr key={kind} data-testid={`orders-${kind}`}>
              <th scope="row">{KIND_WORDS[kind][0]}</th>
              <td>{KIND_WORDS[kind][1]}</td>
              <td className="number">{byKind[kind].toLocaleString('en')}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Section>
  );
}

export function DecisionsSection({ page: { proposals, breakGlass } }: { page: Transparency }) {
  const count = (value: number) => value.toLocaleString('en');
  return (
    <Section id="decisions" title="What was decided" note="Since the beginning. Drills of break glass are counted apart.">
      <Figures>
        <Figure name="proposals carried out" value={count(proposals.executed)} testId="proposals-executed" />
        <Figure name="not carried out" value={count(proposals.notExecuted)} testId="proposals-not-executed" />
        <Figure name="open" value={count(proposals.open)} testId="proposals-open" />
        <Figure name="times the glass was broken" value={count(breakGlass.broken)} testId="glass-broken" />
        <Figure name="drills" value={count(breakGlass.drills)} testId="glass-drills" />
      </Figures>
      <p className={breakGlass.overdue > 0 ? 'public-mark' : undefined} data-testid="glass-overdue">
        {breakGlass.overdue === 0
          ? 'No review of a broken glass is overdue.'
          : `${plural(breakGlass.overdue, 'review')} of a broken glass ${breakGlass.overdue === 1 ? 'is' : 'are'} overdue.`}
      </p>
    </Section>
  );
}
