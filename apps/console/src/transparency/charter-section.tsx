import type { PublicCharter } from '@wheelhouse/protocol/transparency';
import { DiffView } from '../charter/diff-view.tsx';
import { CommandLine } from '../ledger/outside-check.tsx';
import { Moment, Section } from './section.tsx';

export function CharterSection({ charter }: { charter: PublicCharter | null }) {
  const note = 'The rules by which people decide over the AI here. Nobody can change them alone, and every change is on record.';
  return (
    <Section id="charter" title="The charter" note={note}>
      {charter === null ? (
        <p data-testid="no-charter">
          There is no charter yet. Until there is one, what gives the AI more room takes two people: one asks, and another confirms.
        </p>
      ) : (
        <InForce charter={charter} />
      )}
    </Section>
  );
}

function InForce({ charter: { version, adoptedAt, name, text, stored } }: { charter: PublicCharter }) {
  return (
    <>
      <p className="public-lead" data-testid="in-force">
        <strong>Version {version}</strong> has been in force since <Moment iso={adoptedAt} />, by entry #{stored.index} of the ledger.
      </p>
      <pre className="public-text" tabIndex={0} aria-label="The charter’s text" data-testid="charter-text">
        {text}
      </pre>
      <CommandLine label="Its name: the SHA-256 of this text" command={name} />
    </>
  );
}

/** Every charter that was in force, the newest first, with what it changed. */
export function HistorySection({ charters }: { charters: readonly PublicCharter[] }) {
  if (charters.length === 0) return null;
  return (
    <Section id="history" title="Its history" note="What each version changed in the one before it.">
      <ol className="public-versions">
        {charters.map((charter, i) => (
          <Version key={charter.stored.index} charter={charter} before={charters[i + 1] ?? null} isNewest={i === 0} />
        ))}
      </ol>
    </Section>
  );
}

function Version({ charter, before, isNewest }: { charter: PublicCharter; before: PublicCharter | null; isNewest: boolean }) {
  const { version, adoptedAt, stored, name, text } = charter;
  return (
    <li data-testid={`version-${version}`}>
      <h3>
        Version {version} {isNewest && <span className="public-tag">in force</span>}
      </h3>
      <p className="soft">
        Came into force on <Moment iso={adoptedAt} />, entry #{stored.index}. <code className="public-digest">{name}</code>
      </p>
      {before === null ? (
        <p>{isNewest ? 'It is the first charter, and the only one so far.' : 'The first charter.'}</p>
      ) : (
        <DiffView before={before.text} after={text} testId={`diff-${version}`} />
      )}
      {!isNewest && (
        <details>
          <summary>Its whole text</summary>
          <pre className="public-text" tabIndex={0}>
            {text}
          </pre>
        </details>
      )}
    </li>
  );
}
