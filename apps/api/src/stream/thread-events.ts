import type { Segment } from '@wheelhouse/session/evidence';
import type { Logger } from 'pino';
import type { Recorder } from '../content/recorder.ts';
import type { Bulletin } from '../operator/bulletin.ts';
import type { Transcripts } from '../operator/transcripts.ts';
import type { OrderObserver } from '../orders/order-observer.ts';
import type { SessionDesk } from '../sessions/session-desk.ts';
import type { SupervisionRooms } from '../supervision/supervision-rooms.ts';
import type { Principals } from '../identity/principals.ts';
import type { PolicyDecisions } from '../policy/policy-rooms.ts';
import type { SessionRegistry } from '../sessions/session-registry.ts';
import { recordDecided } from './decided-entries.ts';
import type { HumanAsks } from './human-asks.ts';
import type { StreamHost, StreamHostEvents } from './stream-host.ts';
import { answerThread } from './thread-asks.ts';
import type { FromThread } from './thread-messages.ts';

type Listeners = {
  readonly sessions: SessionDesk;
  readonly observer: OrderObserver;
  readonly transcripts: Transcripts;
  readonly recorder: Recorder;
  readonly bulletin: Bulletin;
  readonly asks: HumanAsks;
  readonly decisions: PolicyDecisions;
  readonly registry: SessionRegistry;
  readonly principals: Principals;
  readonly supervision: SupervisionRooms;
  readonly streams: StreamHost;
  readonly log: Logger;
};

/** Where each message of a stream thread goes. */
export function threadEvents(listeners: () => Listeners): StreamHostEvents {
  return {
    onMessage: (message, thread) => {
      const { sessions, observer, transcripts, recorder } = listeners();
      switch (message.type) {
        case 'attached':
          sessions.attached(message, thread);
          return;
        case 'segments':
          for (const segment of message.segments) evidenced(segment, listeners());
          return;
        case 'detached':
          sessions.detached(message);
          if (message.ended !== null) observer.forget(message.session);
          recorder.rest(message.session);
          return;
        case 'unattended':
          sessions.unattended(message);
          return;
        case 'transcript':
          transcripts.add(message.lines);
          recorder.transcript(message.lines);
          return;
        case 'recorded':
        case 'pictured':
          takeDown(recorder, message);
          return;
        case 'trouble':
          tellTrouble(message, listeners());
          return;
        case 'ask':
          answerAsk(message, thread, listeners());
          return;
        case 'supervise.joined':
        case 'supervise.command':
        case 'supervise.left':
        case 'supervise.handed_back':
        case 'help':
          listeners().supervision.heard(message);
          return;
        case 'wanted':
          listeners().asks.wanted(message);
          return;
        case 'decided':
          recordDecided(listeners().decisions, listeners().registry, message.decisions);
          return;
        case 'tallied':
          listeners().decisions.keeper.tell(message.seen);
          return;
        case 'listening':
        case 'figures':
        case 'stopped':
          return;
      }
    },
    onThreadLost: (thread) => {
      tellLost(thread, listeners());
    },
  };
}

function evidenced(segment: Segment, { sessions, observer }: Listeners): void {
  sessions.segment(segment);
  observer.segment(segment);
}

function tellTrouble({ session, code, message }: Extract<FromThread, { type: 'trouble' }>, { bulletin, log }: Listeners): void {
  log.warn({ session, code, detail: message }, 'stream trouble');
  if (code !== 'engine_lost') return;
  bulletin.post({ event: 'alarm', data: { code, message: 'The engine was lost and is being started again.', raised: true } }, null);
}

function answerAsk({ id, ask }: Extract<FromThread, { type: 'ask' }>, thread: number, listeners: Listeners): void {
  const { desk: supervision, sidebands } = listeners.supervision;
  void answerThread(ask, { ...listeners, supervision, sidebands, thread }).then((told) => {
    listeners.streams.send(thread, { type: 'told', id, told });
  });
}

function tellLost(thread: number, { sessions, supervision, bulletin, log }: Listeners): void {
  log.error({ thread }, 'a stream thread was lost and is started again');
  sessions.threadLost(thread);
  supervision.desk.threadLost(thread);
  const message = 'A stream thread was lost; its clients have to attach again.';
  bulletin.post({ event: 'alarm', data: { code: 'stream_thread_lost', message, raised: true } }, null);
}

/** Sound and pictures of recorded sessions. */
function takeDown(recorder: Recorder, message: Extract<FromThread, { type: 'recorded' | 'pictured' }>): void {
  if (message.type === 'recorded') recorder.audio(message.session, message.spans);
  else recorder.video(message.session, message.spans);
}
