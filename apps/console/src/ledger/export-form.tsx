import { ExportRequest, ReportName, REPORTS, type ExportFormat } from '@wheelhouse/protocol/export';
import { REDACTION_PROFILE_NAMES, type RedactionProfile } from '@wheelhouse/protocol/field-class';
import { useState, type SubmitEvent } from 'react';
import { ProblemNote } from '../shell/problem-note.tsx';
import { FORMAT_WORDS, PROFILE_WORDS, REPORT_WORDS, shownBy } from './export-words.ts';
import { draftOf, draftTrouble, FilterFields, filterOf } from './filter-fields.tsx';
import { givenParts, type SearchFilter } from './search-filter.ts';
import { useAskExport } from './use-exports.ts';

const OF_ENTRIES = ['bundle', 'csv', 'ocsf', 'pdf'] as const satisfies readonly ExportFormat[];
const OF_REPORTS = ['pdf', 'csv', 'json'] as const satisfies readonly ExportFormat[];

/** Asks for an export: what, in which form, showing what, and why. */
export function ExportForm({ initial }: { initial: SearchFilter }) {
  const [report, setReport] = useState<ReportName | null>(null);
  const [format, setFormat] = useState<ExportFormat>('bundle');
  const [profile, setProfile] = useState<RedactionProfile>('no-words');
  const [draft, setDraft] = useState(() => draftOf(initial));
  const [reason, setReason] = useState('');
  const [wrong, setWrong] = useState<string | null>(null);
  const ask = useAskExport(() => {
    setReason('');
  });
  const formats = report === null ? OF_ENTRIES : OF_REPORTS;

  function submit(event: SubmitEvent<HTMLFormElement>) {
    event.preventDefault();
    const filter = givenParts(filterOf(draft));
    const request = ExportRequest.safeParse({ format, profile, filter, reason: reason.trim(), ...(report === null ? {} : { report }) });
    const trouble = draftTrouble(draft) ?? (request.success ? null : 'Say what the export is for.');
    setWrong(trouble);
    if (trouble === null && request.success) ask.mutate(request.data);
  }

  return (
    <form className="form export-form" onSubmit={submit} aria-label="Ask for an export" data-testid="export-form">
      <h2>Ask for an export</h2>
      <label>
        What
        <select
          value={report ?? ''}
          data-testid="export-report"
          onChange={(event) => {
            const chosen = ReportName.safeParse(event.currentTarget.value);
            setReport(chosen.success ? chosen.data : null);
            setFormat(chosen.success ? 'pdf' : 'bundle');
          }}
        >
          <option value="">The entries themselves</option>
          <optgroup label="A report of them">
            {REPORTS.map((name) => (
              <option key={name} value={name}>
                {REPORT_WORDS[name]}
              </option>
            ))}
          </optgroup>
        </select>
      </label>
      <label>
        As
        <select
          value={format}
          data-testid="export-format"
          onChange={(event) => {
            setFormat(formats.find((each) => each === event.currentTarget.value) ?? formats[0]);
          }}
        >
          {formats.map((each) => (
            <option key={each} value={each}>
              {FORMAT_WORDS[each]}
            </option>
          ))}
        </select>
      </label>
      <ProfileChoice profile={profile} onProfile={setProfile} />
      <details className="export-filter" open={Object.keys(givenParts(initial)).length > 0}>
        <summary>Which entries{Object.keys(givenParts(filterOf(draft))).length === 0 ? ': all' : ': some'}</summary>
        <div className="ledger-filter-fields">
          <FilterFields draft={draft} onDraft={setDraft} />
        </div>
      </details>
      <label>
        What is it for? <span className="soft">This enters the ledger.</span>
        <textarea
          value={reason}
          required
          maxLength={500}
          rows={2}
          data-testid="export-reason"
          onChange={(event) => {
            setReason(event.currentTarget.value);
          }}
        />
      </label>
      <ProblemNote error={wrong ?? ask.error} />
      <div className="actions">
        <button type="submit" className="primary" disabled={ask.isPending} data-testid="export-submit">
          {profile === 'full' ? 'Ask, and wait for a second person' : 'Make the export'}
        </button>
      </div>
    </form>
  );
}

function ProfileChoice({ profile, onProfile }: { profile: RedactionProfile; onProfile: (profile: RedactionProfile) => void }) {
  return (
    <fieldset className="choice profiles">
      <legend>What it shows</legend>
      {REDACTION_PROFILE_NAMES.map((name) => (
        <label key={name} className="profile">
          <input
            type="radio"
            name="profile"
            checked={profile === name}
            data-testid={`profile-${name}`}
            onChange={() => {
              onProfile(name);
            }}
          />
          <span>
            {PROFILE_WORDS[name]}
            <small>shows {shownBy(name)}</small>
          </span>
        </label>
      ))}
    </fieldset>
  );
}
