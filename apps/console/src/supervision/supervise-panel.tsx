import { subject } from '@casl/ability';
import type { Session } from '@wheelhouse/protocol/session';
import type { SupervisionView } from '@wheelhouse/protocol/supervisor';
import { useEffect, useState } from 'react';
import type { Cell } from '../live/cell.ts';
import { latchesOver } from '../live/covering.ts';
import { useLive } from '../live/live.ts';
import { useCell } from '../live/use-cell.ts';
import { useMe } from '../shell/use-me.ts';
import { ProblemNote } from '../shell/problem-note.tsx';
import { LevelMeter } from '../talk/level-meter.tsx';
import { HandBackForm } from './hand-back-form.tsx';
import { type LineState, SupervisionLine } from './supervision-line.ts';
import { usePushToTalk } from './use-push-to-talk.ts';
import { VERB_WORDS } from './verb-words.ts';
import { WhisperForm } from './whisper-form.tsx';
import './supervision.css';

/** The human at the wheel of one session: hears it, whispers, speaks along, takes it over and hands it back. For those who may join it. */
export function SupervisePanel({ session }: { session: Session }) {
  const { ability } = useMe();
  const { store } = useLive();
  const { supervision } = useCell(store.state);
  if (session.state === 'ended' || !ability.can('join', subject('Session', { tenant: session.tenant }))) return null;
  const view = supervision.get(session.id) ?? null;
  return (
    <section className="supervise" aria-label="Supervise" data-testid="supervise">
      <h3>Supervise</h3>
      <Help view={view} />
      <Present view={view} />
      <Line key={session.id} session={session} />
    </section>
  );
}

function Help({ view }: { view: SupervisionView | null }) {
  if (view?.help == null) return null;
  return (
    <p className="supervise-help" role="alert" data-testid="help-asked">
      <strong>The engine asks for a human:</strong> “{view.help.text}”
    </p>
  );
}

function Present({ view }: { view: SupervisionView | null }) {
  const { me } = useMe();
  const others = view?.supervisors.filter(({ person }) => person !== me.principal.person) ?? [];
  if (others.length === 0) return null;
  return (
    <ul className="supervise-present" aria-label="Who else is here" data-testid="supervisors">
      {others.map(({ supervision, name, verb }) => (
        <li key={supervision} className={verb === 'monitor' ? '' : 'supervise-speaks'}>
          {name} is {VERB_WORDS[verb]}
        </li>
      ))}
    </ul>
  );
}

function Line({ session }: { session: Session }) {
  const [line] = useState(() => new SupervisionLine());
  const state = useCell(line.state);
  useEffect(
    () => () => {
      void line.leave();
    },
    [line],
  );
  switch (state.phase) {
    case 'out':
      return (
        <>
          <button
            type="button"
            data-testid="supervise-join"
            onClick={() => {
              void line.join(session.id);
            }}
          >
            Listen in
          </button>
          <ProblemNote error={state.problem} />
          <HandBack session={session} />
        </>
      );
    case 'joining':
      return <p className="soft">Joining…</p>;
    case 'cut':
      return (
        <p className="problem" role="alert" data-testid="supervise-cut">
          {state.why} Nobody hears you. Joining again…
        </p>
      );
    case 'in':
      return <Inside line={line} state={state} session={session} />;
  }
}

type InsideProps = { readonly line: SupervisionLine; readonly state: Extract<LineState, { phase: 'in' }>; readonly session: Session };

function Inside({ line, state, session }: InsideProps) {
  const speaks = state.verb !== 'monitor';
  return (
    <>
      <p className={speaks ? 'supervise-on-air' : 'soft'} role="status" data-testid="supervise-state" data-verb={state.verb}>
        {speaks ? '● On air: you' : 'You'} are {VERB_WORDS[state.verb]}.{state.attached ? '' : ' No client is attached now.'}
      </p>
      <div className="meters">
        <Meter name="Person" level={line.levels.client} testId="level-client" />
        <Meter name="Engine" level={line.levels.engine} testId="level-engine" />
        <Meter name="Human" level={line.levels.human} testId="level-human" />
        <Meter name="You" level={line.levels.own} testId="level-own" />
      </div>
      <Verbs line={line} state={state} />
      <ProblemNote error={state.notice} />
      <WhisperForm line={line} />
      <HandBack session={session} />
    </>
  );
}

function Meter({ name, level, testId }: { name: string; level: Cell<number>; testId: string }) {
  const now = useCell(level);
  return (
    <div data-testid={testId} data-level={now}>
      <LevelMeter name={name} level={now} />
    </div>
  );
}

function Verbs({ line, state }: { line: SupervisionLine; state: InsideProps['state'] }) {
  const taken = state.verb === 'take_over';
  const press = () => void line.speak('barge');
  const release = () => {
    if (!taken) void line.hush();
  };
  usePushToTalk(!taken, { press, release });
  return (
    <div className="supervise-verbs">
      {!taken && (
        <button
          type="button"
          className={state.verb === 'barge' ? 'supervise-held' : ''}
          data-testid="supervise-barge"
          aria-keyshortcuts="b"
          aria-pressed={state.verb === 'barge'}
          title="The person and the engine hear you while you hold it"
          onPointerDown={(event) => {
            event.currentTarget.setPointerCapture(event.pointerId);
            press();
          }}
          onPointerUp={release}
          onPointerCancel={release}
        >
          Hold to speak along <kbd>b</kbd>
        </button>
      )}
      <button
        type="button"
        className={taken ? '' : 'stop'}
        data-testid={taken ? 'supervise-hush' : 'supervise-take-over'}
        title={taken ? 'The engine stays silent; nobody speaks' : 'Silences the engine at once; you speak in its place'}
        onClick={() => {
          if (taken) void line.hush();
          else void line.speak('take_over');
        }}
      >
        {taken ? 'Microphone off' : 'Take over and speak'}
      </button>
      <button
        type="button"
        className="quiet"
        data-testid="supervise-leave"
        onClick={() => {
          void line.leave();
        }}
      >
        Leave
      </button>
    </div>
  );
}

/** Where a take-over of this session alone is in force, and nobody has asked for its release yet. */
function HandBack({ session }: { session: Session }) {
  const { store } = useLive();
  const { latches, releases } = useCell(store.state);
  const latch = latchesOver(session, latches.values()).find(({ kind, scope }) => kind === 'take_over' && scope.type === 'session');
  if (latch === undefined || [...releases.values()].some((release) => release.latch === latch.order)) return null;
  return <HandBackForm session={session.id} latch={latch.order} />;
}
