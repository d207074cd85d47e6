import { subject } from '@casl/ability';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { SessionContent } from '@wheelhouse/protocol/content';
import type { Session } from '@wheelhouse/protocol/session';
import { ProblemNote } from '../shell/problem-note.tsx';
import { useMe } from '../shell/use-me.ts';
import { contentQuery } from './content-queries.ts';
import { fateInWords, lengthInWords, recordedInWords, retentionInWords } from './content-words.ts';
import { SoundAndVideo } from './sound-and-video.tsx';
import { StoredWords } from './stored-words.tsx';

/** What is kept of a recorded session, to be listened to and read by those who may. */
export function Recording({ session }: { session: Session }) {
  const { ability } = useMe();
  if (session.recorded.length === 0 || !ability.can('read', subject('Transcript', { tenant: session.tenant }))) return null;
  return <Kept session={session} />;
}

function Kept({ session }: { session: Session }) {
  const { ability } = useMe();
  const { data: content, error } = useQuery(contentQuery(session.id, session.state === 'ended'));
  return (
    <section className="recording" aria-label="Recording" data-testid="recording-section">
      <h3>Recording</h3>
      <ProblemNote error={error} />
      {content !== undefined && (
        <>
          <Terms content={content} />
          {fateInWords(content).map((sentence) => (
            <p key={sentence} className="fate" data-testid="recording-fate">
              {sentence}
            </p>
          ))}
          <Contents content={content} mayListen={ability.can('read', subject('Content', { tenant: session.tenant }))} />
          {ability.can('read', 'Hold') && (
            <p className="soft">
              <Link to="/content">Legal holds and erasures</Link>
            </p>
          )}
        </>
      )}
    </section>
  );
}

function Terms({ content }: { content: SessionContent }) {
  const { what, retention, subject: whose, consent, lengthMs } = content;
  return (
    <p className="soft">
      {lengthInWords(lengthMs)} of {recordedInWords(what)}, kept for {retentionInWords(retention)}. Data of <code>{whose}</code>; consent:{' '}
      {consent}.
    </p>
  );
}

function Contents({ content, mayListen }: { content: SessionContent; mayListen: boolean }) {
  const isThere = (kind: string) => content.pieces.some(({ what, state }) => what.startsWith(kind) && state === 'kept');
  const hasSound = isThere('audio') && mayListen;
  const hasVideo = isThere('video') && mayListen;
  const hasWords = isThere('transcript');
  if (!hasSound && !hasVideo && !hasWords) return null;
  return (
    <>
      <p className="soft">Each time you listen, look or read, that is recorded: the ledger names you.</p>
      {(hasSound || hasVideo) && (
        <SoundAndVideo session={content.session} lengthMs={content.lengthMs} has={{ sound: hasSound, video: hasVideo }} />
      )}
      {hasWords && <StoredWords session={content.session} />}
    </>
  );
}
