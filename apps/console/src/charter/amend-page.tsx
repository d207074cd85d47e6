import { useQuery } from '@tanstack/react-query';
import type { CharterView } from '@wheelhouse/protocol/charter-view';
import { isRefusedWith } from '../rest/call.ts';
import { ProblemNote } from '../shell/problem-note.tsx';
import { useMe } from '../shell/use-me.ts';
import { AmendForm } from './amend-form.tsx';
import { analysisQuery, charterQuery, draftQuery } from './charter-queries.ts';
import { nextVersion } from './draft-words.ts';
import { TooFew } from './no-charter.tsx';
import { useDraft } from './use-draft.ts';

/** Where a charter is written: the first one from a draft for the people of the house, later ones from the one in force. */
export function AmendPage() {
  const { ability } = useMe();
  const { data: view, error } = useQuery(charterQuery);
  return (
    <div className="charter-page charter-wide">
      <ProblemNote error={error} />
      {!ability.can('propose', 'Proposal') && <ProblemNote error="You may read the charter, but not propose another." />}
      {view !== undefined && (view.inForce === null ? <FirstCharter /> : <Amendment view={view} />)}
    </div>
  );
}

function FirstCharter() {
  const { data: text, error } = useQuery(draftQuery);
  const [draft, setDraft] = useDraft();
  // A draft of an amendment can't be gone on with where there is no charter.
  const own = draft?.base === 'none' ? draft.text : null;
  if (text === undefined && own === null) {
    const tooFew = isRefusedWith(error, 'conflict');
    return (
      <>
        <h1>Make a charter</h1>
        {tooFew ? <TooFew why={error?.message ?? null} /> : <ProblemNote error={error} />}
        {error === null && <p className="soft">Writing a charter for the people of the house.</p>}
      </>
    );
  }
  return (
    <AmendForm
      title="Make a charter"
      lead="A start for the people of the house: change it as you like. It takes effect once everyone whom it seats has signed."
      start={text ?? own ?? ''}
      text={own ?? text ?? ''}
      inForce={null}
      compared={undefined}
      onChange={(changed) => {
        setDraft(changed === null ? null : { base: 'none', text: changed });
      }}
    />
  );
}

function Amendment({ view }: { view: CharterView }) {
  const [draft, setDraft] = useDraft();
  const inForce = view.inForce;
  const { data: compared } = useQuery({ ...analysisQuery(inForce?.name ?? ''), enabled: inForce !== null });
  if (inForce === null) return null;
  const start = nextVersion(inForce.text);
  return (
    <>
      {draft !== null && draft.base !== inForce.name && (
        <p className="problem" role="alert" data-testid="other-base">
          Another charter came into force since you began this text. The changes below are against the one in force now; begin again to
          start from it.
        </p>
      )}
      <AmendForm
        title="Amend the charter"
        lead="Only its own power charter.amend puts another text in force. What it would mean is computed while you write."
        start={start}
        text={draft?.text ?? start}
        inForce={inForce}
        compared={compared}
        onChange={(changed) => {
          setDraft(changed === null ? null : { base: inForce.name, text: changed });
        }}
      />
    </>
  );
}
