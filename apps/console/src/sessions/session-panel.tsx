import { subject } from '@casl/ability';
import { latchesOf, levelOf } from '@wheelhouse/gate/gate-word';
import { Level } from '@wheelhouse/protocol/level';
import { scopeInWords } from '@wheelhouse/protocol/scope';
import type { Session } from '@wheelhouse/protocol/session';
import { useMutation } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useEffect } from 'react';
import { PendingActions } from '../actions/pending-actions.tsx';
import { RecordedMark } from '../content/recorded-mark.tsx';
import { Recording } from '../content/recording.tsx';
import { latchesOver } from '../live/covering.ts';
import type { GivenOrder } from '../live/live-state.ts';
import { useLive } from '../live/live.ts';
import type { Act } from '../live/order-desk.ts';
import { useCell } from '../live/use-cell.ts';
import { LATCHED_WORDS, latchInWords, levelInWords, timeOf } from '../release/order-words.ts';
import { ReleaseFlow } from '../release/release-flow.tsx';
import { send } from '../rest/call.ts';
import { ProblemNote } from '../shell/problem-note.tsx';
import { useMe } from '../shell/use-me.ts';
import { SupervisePanel } from '../supervision/supervise-panel.tsx';
import { TranscriptView } from '../transcript/transcript-view.tsx';
import { Effect } from './effect.tsx';
import { Verdicts } from './verdicts.tsx';

type Panel = { readonly session: Session; readonly onAct: (act: Act, pressedAt: number) => void };

/** One session: its orders always in the same place, what they did, the latches over it, and what is heard and said. */
export function SessionPanel({ session, onAct }: Panel) {
  const { store, channel } = useLive();
  const { ability } = useMe();
  const { given } = useCell(store.state);
  const mayOrder = ability.can('give', subject('Order', { tenant: session.tenant })) && session.state !== 'ended';
  useEffect(() => {
    channel.watch([session.id]);
    return () => {
      channel.watch([]);
    };
  }, [channel, session.id]);
  return (
    <section className="panel" aria-label={`Session ${session.id}`} data-testid="session-panel">
      <header className="panel-head">
        <div>
          <h2>
            {session.deployment} <span className={`state state-${session.state}`}>{session.state}</span>
            {session.recorded.length > 0 && <RecordedMark recorded={session.recorded} />}
          </h2>
          <p className="soft">
            <code>{session.id}</code>
          </p>
          {ability.can('read', 'Entry') && (
            <p>
              <Link to="/ledger" search={{ session: session.id }} data-testid="session-entries">
                Its entries in the ledger
              </Link>
            </p>
          )}
        </div>
        {mayOrder && <StopButton onAct={onAct} />}
      </header>
      {mayOrder && <Orders session={session} onAct={onAct} />}
      {ordersOn(session, given).map((order) => (
        <Effect key={order.request.id} order={order} session={session.id} />
      ))}
      <SupervisePanel session={session} />
      <Latches session={session} />
      <PendingActions session={session.id} />
      <Facts session={session} />
      <Verdicts session={session.id} />
      <Recording session={session} />
      <h3>Transcript</h3>
      <TranscriptView
        lines={store.transcript(session.id)}
        empty={
          session.state === 'ended'
            ? `The session is over; its transcript ${session.recorded.includes('transcript') ? 'was stored: see Recording' : 'was never stored'}.`
            : 'Nothing yet. Lines appear as they are heard and said.'
        }
      />
    </section>
  );
}

/** The newest order from this page over this session, and every other that is still without an answer. */
function ordersOn(session: Session, given: ReadonlyMap<string, GivenOrder>): GivenOrder[] {
  const own = [...given.values()].filter(
    ({ request, progress }) =>
      (request.scope.type === 'session' && request.scope.session === session.id) ||
      (progress.state === 'in force' && progress.ack.sessions.some((effect) => effect.session === session.id)),
  );
  return own.filter((order, i) => i === own.length - 1 || order.progress.state === 'sent').reverse();
}

function StopButton({ onAct }: { onAct: Panel['onAct'] }) {
  return (
    <button
      type="button"
      className="stop stop-session"
      data-testid="stop"
      aria-keyshortcuts="s"
      onClick={(event) => {
        onAct({ kind: 'stop' }, event.timeStamp);
      }}
    >
      Stop
    </button>
  );
}

const ACTS: readonly (readonly [kind: 'hold' | 'mute' | 'take_over', word: string, key: string, title: string])[] = [
  ['hold', 'Hold', 'h', 'Withholds all engine output; the engine goes on listening'],
  ['mute', 'Mute', 'm', "Withholds the engine's audio and video; text passes"],
  ['take_over', 'Take over', 't', "Withholds the engine; a human's frames pass"],
];

function Orders({ session, onAct }: Panel) {
  const lower = Level.options.map((option) => option.value).filter((level) => level < session.effectiveLevel);
  const { ability } = useMe();
  const end = useMutation({ mutationFn: () => send('DELETE', `/v1/sessions/${session.id}`) });
  return (
    <div className="orders">
      {ACTS.map(([kind, word, key, title]) => (
        <button
          key={kind}
          type="button"
          data-testid={`order-${kind}`}
          title={title}
          aria-keyshortcuts={key}
          onClick={(event) => {
            onAct({ kind }, event.timeStamp);
          }}
        >
          {word} <kbd>{key}</kbd>
        </button>
      ))}
      <select
        id="level-menu"
        data-testid="order-level"
        aria-label="Lower the level to"
        aria-keyshortcuts="l"
        value=""
        disabled={lower.length === 0}
        onChange={(event) => {
          const level = Level.safeParse(Number(event.currentTarget.value));
          if (level.success) onAct({ kind: 'level', level: level.data }, event.timeStamp);
        }}
      >
        <option value="">{lower.length === 0 ? 'Lowest level' : 'Lower level to…'}</option>
        {lower.map((level) => (
          <option key={level} value={level}>
            {levelInWords(level)}
          </option>
        ))}
      </select>
      {ability.can('end', subject('Session', { tenant: session.tenant })) && (
        <button
          type="button"
          className="quiet"
          disabled={end.isPending}
          title="Ends the session for good"
          onClick={() => {
            end.mutate();
          }}
        >
          End session
        </button>
      )}
      <ProblemNote error={end.error} />
    </div>
  );
}

function Latches({ session }: { session: Session }) {
  const { store } = useLive();
  const { latches } = useCell(store.state);
  const over = session.state === 'ended' ? [] : latchesOver(session, latches.values());
  return (
    <ul className="latches" aria-label="Latches in force">
      {over.map((latch) => (
        <li
          key={latch.order}
          className={`latch-card latch-card-${latch.kind}`}
          data-testid={`latch-${latch.kind}`}
          data-order={latch.order}
        >
          <p>
            <b className={`latch latch-${latch.kind}`}>{LATCHED_WORDS[latch.kind]}</b> {latchInWords(latch)}, by {latch.authorName} at{' '}
            {timeOf(latch.givenAt)}
            {latch.scope.type === 'session' ? '' : `, over ${scopeInWords(latch.scope)}`}
            {latch.reason === '' ? '' : `: ${latch.reason}`}
          </p>
          <ReleaseFlow latch={latch} />
        </li>
      ))}
    </ul>
  );
}

function Facts({ session }: { session: Session }) {
  const { store } = useLive();
  const meter = useCell(store.meter(session.id));
  const level = meter === null ? session.effectiveLevel : Level.catch(session.effectiveLevel).parse(levelOf(meter.word));
  const passes = meter === null || latchesOf(meter.word).length === 0;
  return (
    <dl className="facts">
      <Fact name="Level" value={level === session.level ? levelInWords(level) : `${levelInWords(level)} (granted ${session.level})`} />
      <Fact name="Tick" value={String(Math.max(session.tick, meter?.tick ?? 0))} testId="tick" />
      <Fact name="Last frame out" value={`#${Math.max(session.lastSequence, meter?.lastSequence ?? 0)}`} testId="last-frame-out" />
      <Fact name="Gate" value={session.state === 'ended' ? 'over' : passes ? 'passes' : 'withholds'} />
      <Fact name="Model" value={session.model} />
      <Fact name="Tenant" value={session.tenant} />
      <Fact name="Opened" value={`${timeOf(session.openedAt)} by ${session.openedByName}`} />
      {session.endedAt !== null && <Fact name="Ended" value={timeOf(session.endedAt)} />}
    </dl>
  );
}

function Fact({ name, value, testId }: { name: string; value: string; testId?: string }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd data-testid={testId}>{value}</dd>
    </div>
  );
}
