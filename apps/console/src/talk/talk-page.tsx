import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Deployment } from '@wheelhouse/protocol/session';
import { SAMPLE_RATE } from '@wheelhouse/protocol/tick';
import { useState } from 'react';
import { z } from 'zod';
import { useCell } from '../live/use-cell.ts';
import { levelInWords } from '../release/order-words.ts';
import { call } from '../rest/call.ts';
import { Notices } from '../shell/notices.tsx';
import { ProblemNote } from '../shell/problem-note.tsx';
import { TranscriptView } from '../transcript/transcript-view.tsx';
import type { VoiceSource } from './audio-in.ts';
import { LevelMeter } from './level-meter.tsx';
import { RecordChoice, recordRequest } from './record-choice.tsx';
import { TalkBanner } from './talk-banner.tsx';
import { nameOf, type TalkState } from './talk-state.ts';
import { useVoice } from './use-voice.ts';
import type { Voice } from './voice.ts';

const Deployments = z.object({ items: z.array(Deployment) });

export function TalkPage() {
  const voice = useVoice();
  const state = useCell(voice.state);
  const name = nameOf(state);
  return (
    <div className="talk">
      <Notices />
      <section className="talk-controls" aria-label="Talk">
        <header className="talk-head">
          <h1>Talk</h1>
          <output data-testid="talk-state" className={`talk-state talk-state-${name}`}>
            {name}
          </output>
        </header>
        <TalkBanner state={state} />
        {state.phase === 'idle' || state.phase === 'ended' ? (
          <Start voice={voice} state={state} />
        ) : (
          <Running voice={voice} state={state} />
        )}
        <Meters voice={voice} />
      </section>
      <section className="talk-words" aria-label="What was heard and said">
        <h2>Transcript</h2>
        <TranscriptView lines={voice.lines} empty="What is heard and what is said appears here as it happens." />
      </section>
    </div>
  );
}

function Start({ voice, state }: { voice: Voice; state: TalkState }) {
  const deployments = useQuery({ queryKey: ['deployments'], queryFn: () => call(Deployments, 'GET', '/v1/deployments') });
  const [deployment, setDeployment] = useState<string | null>(null);
  const [file, setFile] = useState<File | null>(null);
  const [isRecording, setRecording] = useState(false);
  const [isAudible, setAudible] = useState(true);
  const [isKept, setKept] = useState(false);
  const items = deployments.data?.items ?? [];
  const chosen = items.find((item) => item.name === deployment) ?? items[0];
  const source: VoiceSource | null = isRecording ? (file === null ? null : { type: 'recording', file }) : { type: 'microphone' };
  return (
    <form
      className="form"
      onSubmit={(event) => {
        event.preventDefault();
        if (chosen !== undefined && source !== null)
          void voice.start({ deployment: chosen.name, ...recordRequest(chosen.mayRecord, isKept) }, source, isAudible);
      }}
    >
      <label>
        Deployment
        <select
          data-testid="deployment"
          value={chosen?.name ?? ''}
          onChange={(event) => {
            setDeployment(event.currentTarget.value);
          }}
        >
          {items.map((item) => (
            <option key={item.name} value={item.name}>
              {item.name}
            </option>
          ))}
        </select>
      </label>
      {chosen !== undefined && (
        <p className="soft">
          {chosen.description} Up to level {levelInWords(chosen.maxLevel)}.
        </p>
      )}
      <ProblemNote error={deployments.error} />
      <SourceChoice isRecording={isRecording} onRecording={setRecording} onFile={setFile} isAudible={isAudible} onAudible={setAudible} />
      <RecordChoice mayRecord={chosen?.mayRecord ?? []} isOn={isKept} onChoice={setKept} />
      {state.phase === 'idle' && <ProblemNote error={state.problem} />}
      <button type="submit" className="primary" data-testid="start" disabled={chosen === undefined || source === null}>
        Start
      </button>
    </form>
  );
}

type Source = {
  readonly isRecording: boolean;
  readonly onRecording: (isRecording: boolean) => void;
  readonly onFile: (file: File | null) => void;
  readonly isAudible: boolean;
  readonly onAudible: (isAudible: boolean) => void;
};

function SourceChoice({ isRecording, onRecording, onFile, isAudible, onAudible }: Source) {
  return (
    <fieldset className="choice">
      <legend>Voice</legend>
      <label>
        <input
          type="radio"
          name="source"
          data-testid="source-microphone"
          checked={!isRecording}
          onChange={() => {
            onRecording(false);
          }}
        />
        Microphone
      </label>
      <label>
        <input
          type="radio"
          name="source"
          data-testid="source-recording"
          checked={isRecording}
          onChange={() => {
            onRecording(true);
          }}
        />
        Recording
      </label>
      {isRecording && (
        <>
          <input
            type="file"
            accept="audio/*,.wav"
            aria-label="Recording"
            data-testid="recording"
            onChange={(event) => {
              onFile(event.currentTarget.files?.[0] ?? null);
            }}
          />
          <label>
            <input
              type="checkbox"
              data-testid="audible"
              checked={isAudible}
              onChange={(event) => {
                onAudible(event.currentTarget.checked);
              }}
            />
            Hear it here too
          </label>
        </>
      )}
    </fieldset>
  );
}

function Running({ voice, state }: { voice: Voice; state: TalkState }) {
  const source = useCell(voice.source);
  const isAudible = useCell(voice.audible);
  const talk = state.phase === 'attached' ? state.talk : null;
  return (
    <div className="running">
      {talk !== null && (
        <dl className="facts">
          <div>
            <dt>Session</dt>
            <dd>
              <Link to="/sessions/$id" params={{ id: talk.session }} data-testid="talk-session" data-session={talk.session}>
                {talk.session.slice(0, 8)}
              </Link>
            </dd>
          </div>
          <div>
            <dt>Level</dt>
            <dd>{levelInWords(talk.level)}</dd>
          </div>
          <div>
            <dt>Voice</dt>
            <dd data-testid="voice-source">{source}</dd>
          </div>
        </dl>
      )}
      {source !== 'microphone' && (
        <div className="choice">
          <label>
            <input
              type="checkbox"
              data-testid="audible"
              checked={isAudible}
              onChange={(event) => {
                voice.setAudible(event.currentTarget.checked);
              }}
            />
            Hear the recording here too
          </label>
        </div>
      )}
      <button type="button" data-testid="end" onClick={() => void voice.end()}>
        End
      </button>
    </div>
  );
}

function Meters({ voice }: { voice: Voice }) {
  const lastFrame = useCell(voice.lastFrame);
  const playback = useCell(voice.playback);
  return (
    <div className="meters">
      <LevelMeter name="In" level={useCell(voice.levelIn)} />
      <LevelMeter name="Out" level={playback.level} />
      <dl className="facts">
        <div>
          <dt>Engine audio played</dt>
          <dd>
            <output data-testid="played-ms" data-rendered-ms={inMs(playback.rendered)} data-dropped-ms={inMs(playback.dropped)}>
              {inMs(playback.audible)}
            </output>{' '}
            ms
          </dd>
        </div>
        <div>
          <dt>Last frame in</dt>
          <dd>
            #<output data-testid="last-frame">{lastFrame}</output>
          </dd>
        </div>
        <div>
          <dt>Dropped unplayed</dt>
          <dd>{inMs(playback.dropped)} ms</dd>
        </div>
      </dl>
    </div>
  );
}

function inMs(samples: number): number {
  return Math.round((samples * 1000) / SAMPLE_RATE);
}
