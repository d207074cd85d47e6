import { useState, type SubmitEvent } from 'react';
import { textIn } from '../content/act-dialog.tsx';
import { ProblemNote } from '../shell/problem-note.tsx';
import { FILE_NAME, isPolicyFile, type Candidate } from './candidate.ts';

type Editor = { readonly candidate: Candidate; readonly onChange: (candidate: Candidate) => void };

/** The files of a bundle as texts, one at a time. */
export function CandidateEditor({ candidate, onChange }: Editor) {
  const names = Object.keys(candidate.files);
  const [chosen, setChosen] = useState(names[0] ?? '');
  const open = names.includes(chosen) ? chosen : (names[0] ?? '');
  const { [open]: text = '', ...others } = candidate.files;
  return (
    <section className="charter-card policy-editor" aria-label="Files of the bundle">
      <label className="policy-name">
        Name of the bundle
        <input
          value={candidate.name}
          maxLength={100}
          data-testid="candidate-name"
          autoComplete="off"
          onChange={(event) => {
            onChange({ ...candidate, name: event.currentTarget.value });
          }}
        />
      </label>
      <div className="policy-tabs" role="group" aria-label="File">
        {names.map((name) => (
          <button
            key={name}
            type="button"
            aria-pressed={name === open}
            data-testid={`file-${name}`}
            onClick={() => {
              setChosen(name);
            }}
          >
            {name}
          </button>
        ))}
      </div>
      <textarea
        className="policy-text"
        value={text}
        aria-label={`Text of ${open}`}
        data-testid="candidate-text"
        wrap="off"
        spellCheck={false}
        autoCapitalize="off"
        autoComplete="off"
        onChange={(event) => {
          onChange({ ...candidate, files: { ...candidate.files, [open]: event.currentTarget.value } });
        }}
      />
      <div className="policy-file-acts">
        <NewFile
          taken={names}
          onAdd={(name) => {
            onChange({ ...candidate, files: { [name]: '', ...candidate.files } });
            setChosen(name);
          }}
        />
        {isPolicyFile(open) && (
          <button
            type="button"
            className="quiet"
            data-testid="remove-file"
            onClick={() => {
              onChange({ ...candidate, files: others });
            }}
          >
            Remove {open}
          </button>
        )}
      </div>
    </section>
  );
}

function NewFile({ taken, onAdd }: { taken: readonly string[]; onAdd: (name: string) => void }) {
  const [wrong, setWrong] = useState<string | null>(null);

  function submit(event: SubmitEvent<HTMLFormElement>) {
    event.preventDefault();
    const form = event.currentTarget;
    const typed = textIn(new FormData(form), 'file');
    const name = typed.endsWith('.cedar') ? typed : `${typed}.cedar`;
    const why = !FILE_NAME.test(name)
      ? 'A file is named in small letters, digits and hyphens.'
      : taken.includes(name)
        ? `There is a file ${name} already.`
        : null;
    setWrong(why);
    if (why !== null) return;
    onAdd(name);
    form.reset();
  }

  return (
    <form className="policy-new-file" onSubmit={submit}>
      <input
        name="file"
        placeholder="another-file.cedar"
        aria-label="Name of another file of policies"
        autoComplete="off"
        data-testid="new-file"
      />
      <button type="submit">Add the file</button>
      <ProblemNote error={wrong} />
    </form>
  );
}
