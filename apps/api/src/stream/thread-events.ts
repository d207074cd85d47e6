import type { Logger } from 'pino';
import type { Recorder } from '../content/recorder.ts';
import type { Bulletin } from '../operator/bulletin.ts';
import type { Transcripts } from '../operator/transcripts.ts';
import type { OrderObserver } from '../orders/order-observer.ts';
import type { SessionDesk } from '../sessions/session-desk.ts';
import type { Principals } from '../identity/principals.ts';
import type { StreamHost, StreamHostEvents } from './stream-host.ts';
import { answerThread } from './thread-asks.ts';

type Listeners = {
  readonly sessions: SessionDesk;
  readonly observer: OrderObserver;
  readonly transcripts: Transcripts;
  readonly recorder: Recorder;
  readonly bulletin: Bulletin;
  readonly principals: Principals;
  readonly streams: StreamHost;
  readonly log: Logger;
};

/** Where each message of a stream thread goes. */
export function threadEvents(listeners: () => Listeners): StreamHostEvents {
  return {
    onMessage: (message, thread) => {
      const { sessions, observer, transcripts, recorder, bulletin, log } = listeners();
      switch (message.type) {
        case 'attached':
          sessions.attached(message, thread);
          return;
        case 'segments':
          for (const segment of message.segments) {
            sessions.segment(segment);
            observer.segment(segment);
          }
          return;
        case 'detached':
          sessions.detached(message);
          if (message.ended !== null) observer.forget(message.session);
          recorder.rest(message.session);
          return;
        case 'transcript':
          transcripts.add(message.lines);
          recorder.transcript(message.lines);
          return;
        case 'recorded':
          recorder.audio(message.session, message.spans);
          return;
        case 'trouble':
          log.warn({ session: message.session, code: message.code, detail: message.message }, 'stream trouble');
          if (message.code === 'engine_lost')
            bulletin.post(
              { event: 'alarm', data: { code: 'engine_lost', message: 'The engine was lost and is being started again.', raised: true } },
              null,
            );
          return;
        case 'ask':
          void answerThread(message.ask, listeners()).then((told) => {
            listeners().streams.send(thread, { type: 'told', id: message.id, told });
          });
          return;
        case 'listening':
        case 'figures':
        case 'stopped':
          return;
      }
    },
    onThreadLost: (thread) => {
      const { sessions, bulletin, log } = listeners();
      log.error({ thread }, 'a stream thread was lost and is started again');
      sessions.threadLost(thread);
      bulletin.post(
        {
          event: 'alarm',
          data: { code: 'stream_thread_lost', message: 'A stream thread was lost; its clients have to attach again.', raised: true },
        },
        null,
      );
    },
  };
}
