import type { PowerView, SeatView } from '@wheelhouse/protocol/charter-view';
import type { Transparency } from '@wheelhouse/protocol/transparency';
import { POWER_WORDS } from '../approvals/power-words.ts';
import { nameIn, namesIn } from '../charter/seat-words.ts';
import { emergencySentence, limitsSentence, quorumSentence, seatNote, termInWords, timesSentence } from './public-words.ts';
import { Moment, Section } from './section.tsx';

export function SeatsSection({ page }: { page: Transparency }) {
  if (page.seats.length === 0) return null;
  const bodies = page.bodies.filter(({ id }) => page.seats.some(({ body }) => body === id));
  return (
    <Section
      id="seats"
      title="Who holds the seats"
      note="A seat outlives its holder: alternates stand in, in their order, when the holder is away or gone."
    >
      {bodies.map(({ id, title }) => (
        <div key={id} className="public-group">
          <h3>{title}</h3>
          <ul className="public-seats">
            {page.seats
              .filter(({ body }) => body === id)
              .map((seat) => (
                <Seat key={seat.id} seat={seat} page={page} />
              ))}
          </ul>
        </div>
      ))}
    </Section>
  );
}

function Seat({ seat, page }: { seat: SeatView; page: Transparency }) {
  const note = seatNote(seat, page.at);
  return (
    <li data-testid={`seat-${seat.id}`}>
      <p className="public-holder">{seat.holder === null ? 'Vacant' : nameIn(page, seat.holder)}</p>
      <p className="soft">
        <code>{seat.id}</code>, {termInWords(seat.term)}
      </p>
      <p>{seat.alternates.length === 0 ? 'No alternates.' : `Alternates: ${namesIn(page, seat.alternates)}.`}</p>
      {note !== null && (
        <p className="public-mark">
          {note}
          {seat.represented !== null && `: ${nameIn(page, seat.represented)} stands in.`}
        </p>
      )}
      {seat.handover !== null && (
        <p className="soft">
          Passes to {nameIn(page, seat.handover.to)} on <Moment iso={seat.handover.effectiveAt} />
          {seat.handover.accepted ? '' : ', who has not accepted yet'}.
        </p>
      )}
    </li>
  );
}

export function PowersSection({ page }: { page: Transparency }) {
  if (page.powers.length === 0) return null;
  const note =
    'A power that is not listed can be exercised by nobody. The proposer’s own yes never counts, and one person counts once, however many seats they stand for.';
  return (
    <Section id="powers" title="What they may do, and what it takes" note={note}>
      {[...byQuorum(page)].map(([quorum, powers]) => (
        <div key={quorum} className="public-group" data-testid="quorum">
          <p className="public-lead">{quorum}</p>
          <ul className="public-powers">
            {powers.map((power) => (
              <PowerItem key={power.power} power={power} />
            ))}
          </ul>
        </div>
      ))}
    </Section>
  );
}

/** Powers that take the same, together. */
function byQuorum(page: Transparency): ReadonlyMap<string, readonly PowerView[]> {
  return Map.groupBy(page.powers, (power) => quorumSentence(power, page));
}

function PowerItem({ power }: { power: PowerView }) {
  return (
    <li data-testid={`power-${power.power}`}>
      <h4>
        {POWER_WORDS[power.power]} <code>{power.power}</code>
      </h4>
      <p>
        {timesSentence(power)} {limitsSentence(power)} {emergencySentence(power)}
      </p>
    </li>
  );
}
