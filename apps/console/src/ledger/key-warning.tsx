import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { Dialog } from '../shell/dialog.tsx';
import { browserMemory } from './log-memory.ts';
import { serverLog } from './log-reader.ts';
import { dateTime } from './plain-words.ts';
import { standingOfKey } from './watch-log.ts';

/** How the key that the server shows stands to the one that this browser remembers. */
export function useKeyStanding() {
  return useQuery({
    queryKey: ['ledger', 'key'],
    staleTime: 30_000,
    refetchInterval: 60_000,
    queryFn: () => standingOfKey(serverLog, browserMemory),
  });
}

/** Loud, and on every page of the ledger, while the server shows another key than the one that was first seen here. */
export function KeyWarning() {
  const { data: standing } = useKeyStanding();
  const [isOpen, setOpen] = useState(false);
  if (standing?.type !== 'other') return null;
  return (
    <section className="key-warning" role="alert" data-testid="key-warning">
      <h2>This is not the log that this browser knows</h2>
      <p>
        The server shows another key than it did when this browser first saw it, on {dateTime(standing.since)}. Either the installation was
        set up anew, or somebody shows you another log in its place. Believe nothing here until a person whom you trust has told you why.
      </p>
      <dl>
        <dt>Remembered</dt>
        <dd>
          <code>{standing.key}</code>
        </dd>
        <dt>Shown now</dt>
        <dd>
          <code>{standing.shown}</code>
        </dd>
      </dl>
      <button
        type="button"
        onClick={() => {
          setOpen(true);
        }}
      >
        Trust the new key…
      </button>
      {isOpen && (
        <TrustDialog
          shown={standing.shown}
          onClose={() => {
            setOpen(false);
          }}
        />
      )}
    </section>
  );
}

function TrustDialog({ shown, onClose }: { shown: string; onClose: () => void }) {
  const queries = useQueryClient();
  const [isCompared, setCompared] = useState(false);
  return (
    <Dialog title="Trust the new key" onClose={onClose}>
      <div className="form">
        <p>What this browser remembers of the log so far is forgotten: the old key, and the last head that it verified.</p>
        <p>
          <code className="whole">{shown}</code>
        </p>
        <label className="tick-box">
          <input
            type="checkbox"
            checked={isCompared}
            onChange={(event) => {
              setCompared(event.currentTarget.checked);
            }}
          />
          Somebody whom I trust has read me this key, and not from this server
        </label>
        <div className="actions">
          <button type="button" onClick={onClose}>
            Keep the old one
          </button>
          <button
            type="button"
            className="primary"
            disabled={!isCompared}
            data-testid="trust-new-key"
            onClick={() => {
              browserMemory.forget();
              void queries.invalidateQueries({ queryKey: ['ledger', 'key'] });
              onClose();
            }}
          >
            Trust the new key
          </button>
        </div>
      </div>
    </Dialog>
  );
}
