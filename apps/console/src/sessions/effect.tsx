import type { OrderAck, SessionEffect } from '@wheelhouse/protocol/order';
import type { GivenOrder } from '../live/live-state.ts';
import { ORDER_WORDS } from '../release/order-words.ts';

/** What an order given from this page did: for one session in full, for many (`session` null) in sum. */
export function Effect({ order, session }: { order: GivenOrder; session: string | null }) {
  const { progress } = order;
  switch (progress.state) {
    case 'sent':
      return (
        <p className="effect" role="status" data-testid="effect-pending">
          {ORDER_WORDS[order.request.kind]} sent…
          {progress.trouble === null ? '' : ` ${progress.trouble} Trying again until it is answered.`}
        </p>
      );
    case 'refused':
      return (
        <p className="problem" role="alert" data-testid="effect-refused">
          {ORDER_WORDS[order.request.kind]} was refused: {progress.detail}
        </p>
      );
    case 'in force':
      return (
        <div className="effect" role="status">
          {session === null ? (
            <Sum ack={progress.ack} afterMs={progress.afterMs} />
          ) : (
            <One ack={progress.ack} afterMs={progress.afterMs} session={session} />
          )}
          <Stored entry={order.entry} testId={session === null ? 'wide-stored' : 'stored'} />
        </div>
      );
  }
}

function One({ ack, afterMs, session }: { ack: OrderAck; afterMs: number; session: string }) {
  const effect = ack.sessions.find((candidate) => candidate.session === session);
  if (effect === undefined) {
    return (
      <p data-testid="effect">
        {ORDER_WORDS[ack.kind]}, order {ack.number}, in force {ms(afterMs)} after the press. The session had no engine output then.{' '}
        <Gate ack={ack} />
      </p>
    );
  }
  return (
    <>
      <p
        data-testid="effect"
        data-order={ack.order}
        data-tick={effect.tick}
        data-after-ms={afterMs.toFixed(1)}
        data-last-frame={effect.lastSequence}
      >
        <strong>{ORDER_WORDS[ack.kind]}</strong> took effect in tick {effect.tick}, {ms(afterMs)} after the press. Last frame out was #
        {effect.lastSequence}. <Gate ack={ack} />
      </p>
      {!effect.settled && <p className="soft">That frame is still under way to a slow client.</p>}
    </>
  );
}

function Sum({ ack, afterMs }: { ack: OrderAck; afterMs: number }) {
  return (
    <>
      <p data-testid="wide-effect" data-after-ms={afterMs.toFixed(1)}>
        Took effect in {ack.sessions.length} {ack.sessions.length === 1 ? 'session' : 'sessions'}, {ms(afterMs)} after the press.{' '}
        <Gate ack={ack} />
      </p>
      <Unsettled sessions={ack.sessions.filter((effect) => !effect.settled)} />
    </>
  );
}

function Unsettled({ sessions }: { sessions: readonly SessionEffect[] }) {
  if (sessions.length === 0) return null;
  return (
    <p className="soft" data-testid="unsettled">
      A last frame is still under way to a slow client in: {sessions.map((effect) => effect.session.slice(0, 8)).join(', ')}.
    </p>
  );
}

function Gate({ ack }: { ack: OrderAck }) {
  return (
    <small title="From the order's arrival at the server until every covered gate was closed">
      gate closed in {Math.round(ack.gateClosedUs)} µs
    </small>
  );
}

function Stored({ entry, testId }: { entry: number | null; testId: string }) {
  if (entry === null) return <p className="soft">Being written to the ledger…</p>;
  return (
    <p className="stored" data-testid={testId} data-entry={entry}>
      Stored in the ledger as entry #{entry}.
    </p>
  );
}

function ms(value: number): string {
  return `${value < 10 ? value.toFixed(1) : Math.round(value)} ms`;
}
