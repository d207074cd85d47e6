import type { Transparency } from '@wheelhouse/protocol/transparency';
import { CommandLine } from '../ledger/outside-check.tsx';
import { plural } from '../ledger/plain-words.ts';
import { Moment, Section } from './section.tsx';
import { readHead, rootInBase64, signersOf, type ShownSigner } from './shown-head.ts';

const SIGNER_WORDS: Readonly<Record<ShownSigner['by'], string>> = {
  log: 'the log’s own key',
  witness: 'a witness that this page names',
  other: 'a key that this page does not name',
};

/** What all of the above is bound to: the latest head of the log, and the key that signs it. */
export function LogSection({ page: { checkpoint, key, witnesses, at } }: { page: Transparency }) {
  const head = readHead(checkpoint);
  const note = 'Everything that happens here becomes an entry of a log. Its head commits to all of them, in their order.';
  return (
    <Section id="log" title="The log behind it" note={note}>
      {head === null ? (
        <p className="public-mark">The page shows no head that can be read.</p>
      ) : (
        <>
          <p className="public-lead" data-testid="head">
            <strong>{plural(head.checkpoint.size, 'entry', 'entries')}</strong> as of <Moment iso={at} />.
          </p>
          <CommandLine label="Root: one hash over all of them" command={rootInBase64(head)} />
        </>
      )}
      <h3>Signed by</h3>
      <ul className="public-list" data-testid="signers">
        {signersOf(checkpoint, { log: key, witnesses: witnesses.keys }).map(({ label, by, at: cosigned }) => (
          <li key={`${label} ${cosigned ?? ''}`}>
            <code className="public-digest">{label}</code>, {SIGNER_WORDS[by]}
            {cosigned !== null && (
              <>
                , on <Moment iso={cosigned} />
              </>
            )}
          </li>
        ))}
      </ul>
      <Witnesses {...witnesses} />
      <CommandLine label="The log’s key. Keep it, and compare it with what others were shown" command={key} />
      <CommandLine
        label="The signed head (C2SP checkpoint). Keep it: with it, anybody can prove later what was here now"
        command={checkpoint}
      />
    </Section>
  );
}

function Witnesses({ quorum, keys }: Transparency['witnesses']) {
  if (keys.length === 0)
    return <p data-testid="public-witnesses">There are no witnesses: only the log itself says that everybody is shown the same entries.</p>;
  return (
    <div className="public-witnesses" data-testid="public-witnesses">
      <p>
        A head is shown here once {quorum} of {plural(keys.length, 'witness', 'witnesses')} cosigned it, and a witness does that only if it
        grew out of the last one that it signed. Compare these keys with what the witnesses themselves publish: that they are theirs, this
        page alone cannot prove.
      </p>
      {keys.map(({ name, key }) => (
        <CommandLine key={key} label={`The key of the witness ${name}`} command={key} />
      ))}
    </div>
  );
}

/** How to check the page without this page. */
export function ByYourself({ page: { key, witnesses } }: { page: Transparency }) {
  const address = window.location.origin;
  const note =
    'This page comes from the server that it checks. To believe neither, do it from another machine; all formats are public standards.';
  return (
    <Section id="by-yourself" title="Check it without us" note={note}>
      <CommandLine label="Everything on this page, with its proofs, as JSON" command={`curl -s ${address}/v1/transparency`} />
      <CommandLine
        label="The charter’s SHA-256, to compare with its name"
        command={`curl -s ${address}/v1/transparency | jq -j '.charters[0].text' | sha256sum`}
      />
      <CommandLine label="The log itself, where it is public (C2SP tlog-tiles)" command={`curl -s ${address}/log/checkpoint`} />
      <CommandLine
        label="An exported bundle of the record, on any machine"
        command={`npx wheelhouse verify BUNDLE.zip --key '${key}'${witnesses.keys.map((witness) => ` --witness '${witness.key}'`).join('')}`}
      />
      <CommandLine label="What the charter’s text lets whom do with whom" command="npx wheelhouse charter check charter.yaml" />
      <h3>The calculation, for any language</h3>
      <ol className="public-steps">
        <li>
          Each field in <code>stored.opening</code> is a list of salt, name and value, or the base64 of a commitment. SHA-256 over such a
          list in canonical JSON (RFC 8785) is its commitment.
        </li>
        <li>
          SHA-256 over all commitments, one after the other, is <code>fields</code> in <code>stored.body</code>. The field{' '}
          <code>data.charterText</code> is the text.
        </li>
        <li>
          SHA-256 over a zero byte and <code>stored.body</code> is the leaf. With <code>proof.hashes</code> it leads to the root (RFC 9162,
          section 2.1.3.2).
        </li>
        <li>
          <code>proof.checkpoint</code> holds that root, and is signed with Ed25519 by the log’s key (C2SP signed-note).
        </li>
        <li>
          A witness’s line under the checkpoint holds, after the four bytes that name its key, eight bytes of seconds since 1970 and an
          Ed25519 signature. What it signed is the line <code>cosignature/v1</code>, the line <code>time</code> with those seconds, and the
          checkpoint’s text up to the empty line (C2SP tlog-cosignature). Its verifier key is in <code>witnesses.keys</code>.
        </li>
      </ol>
    </Section>
  );
}
