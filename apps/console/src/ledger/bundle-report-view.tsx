import { inWords } from '@wheelhouse/charter/approval-report';
import type { BundleReport } from '@wheelhouse/ledger/bundle-report';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import type { CheckedApprovals } from './bundle-message.ts';
import { kindInWords } from './kind-words.ts';
import { dateTime, plural } from './plain-words.ts';
import type { Verdict } from './verify-step.ts';

type View = { readonly name: string; readonly report: BundleReport; readonly approvals: CheckedApprovals; readonly digest: string };

/** A fault outweighs everything; consistent without a trusted key is not the same as proven. */
function verdictOf({ ok, anchored }: BundleReport): Verdict {
  if (!ok) return 'failed';
  return anchored ? 'verified' : 'partial';
}

export function BundleReportView({ name, report, approvals, digest }: View) {
  const verdict = verdictOf(report);
  return (
    <section className="card-section" aria-label="Result">
      <h2>{name}</h2>
      <p className={`verdict verdict-${verdict}`} role="status" data-testid="bundle-verdict" data-verdict={verdict}>
        {verdictInWords(verdict, report)}
      </p>
      <Findings report={report} severity="fault" title="What is wrong" />
      <Checked report={report} approvals={approvals} digest={digest} />
      {report.unchecked.length > 0 && (
        <>
          <h3>What could not be checked</h3>
          <ul className="bullets" data-testid="unchecked">
            {report.unchecked.map(({ code, message }) => (
              <li key={code}>{message}</li>
            ))}
          </ul>
        </>
      )}
      <Findings report={report} severity="note" title="Worth knowing" />
    </section>
  );
}

function verdictInWords(verdict: Verdict, { faults, entries, head }: BundleReport) {
  const what = `${plural(entries.checked, 'entry', 'entries')} of the ${(head?.size ?? 0).toLocaleString('en')} in the log`;
  switch (verdict) {
    case 'verified':
      return (
        <>
          <strong>Verified.</strong> {what}, under a head that is signed by the key that you trust. Nothing was changed.
        </>
      );
    case 'partial':
      return (
        <>
          <strong>Consistent, but not proven.</strong> {what} agree with each other, but no key that you trust vouches for them.
        </>
      );
    case 'failed':
      return (
        <>
          <strong>Verification failed: {plural(faults, 'fault')}.</strong> The file was changed, is damaged, or shows that a law was broken.
        </>
      );
  }
}

function Findings({ report, severity, title }: { report: BundleReport; severity: 'fault' | 'note'; title: string }) {
  const found = report.findings.filter((finding) => finding.severity === severity);
  if (found.length === 0) return null;
  return (
    <>
      <h3>{title}</h3>
      <ul className="findings" data-testid={`findings-${severity}`}>
        {found.map(({ code, message, index }, at) => (
          <li key={`${code}-${at}`} className={`finding finding-${severity}`}>
            {message} <code>{code}</code>{' '}
            {index !== undefined && (
              <Link to="/ledger/$index" params={{ index: String(index) }}>
                entry #{index} in this log
              </Link>
            )}
          </li>
        ))}
      </ul>
      {report.suppressed > 0 && <p className="soft">{report.suppressed} more of the same kinds are not listed.</p>}
    </>
  );
}

function Checked({ report, approvals, digest }: Omit<View, 'name'>) {
  const { key, anchored, head, heads, witnesses, entries, fields, sessions } = report;
  const kinds = Object.entries(entries.kinds).sort(([, a], [, b]) => b - a);
  return (
    <>
      <h3>What was checked</h3>
      <dl className="field-list">
        <Claims report={report} />
        <Line name="Key">
          <code className="whole">{key ?? 'none'}</code> {key === null ? '' : anchored ? '(yours)' : '(named by the bundle itself)'}
        </Line>
        {head !== null && (
          <Line name="Head">
            {plural(head.size, 'entry', 'entries')}, root <code className="whole">{head.root}</code>
          </Line>
        )}
        <Line name="Signed heads">
          {heads.checked} checked, {heads.matched} agree with the entries
        </Line>
        {witnesses.map((witness) => (
          <Line key={witness.key} name="Witness">
            {witness.key} vouches for the first {witness.size} as of {dateTime(new Date(witness.time * 1000).toISOString())}
            {witness.trusted ? '' : '; its key is only named by the bundle'}
          </Line>
        ))}
        <Line name="Entries">
          {entries.checked} checked, {plural(entries.gaps, 'gap')} between them
          {kinds.length > 0 && <small>{kinds.map(([kind, count]) => `${count} ${kindInWords(kind).toLowerCase()}`).join(', ')}</small>}
        </Line>
        <Line name="Fields">
          {fields.shown} shown, {fields.withheld} withheld; each is committed to
        </Line>
        <Line name="Sessions">
          {sessions.sessions}, {plural(sessions.ticks, 'tick')} of evidence, {plural(sessions.orders, 'order')}
        </Line>
        <Line name="Approvals">
          <Approvals approvals={approvals} />
        </Line>
        <Line name="SHA-256 of the file">
          <code className="whole">{digest}</code>
        </Line>
      </dl>
    </>
  );
}

/** What was checked of proposals and votes, and with which keys. */
function Approvals({ approvals: { checked, keys, people, charter } }: Pick<View, 'approvals'>) {
  const parts = inWords(checked);
  if (parts.length === 0) return <>none to be seen here</>;
  return (
    <span data-testid="approvals-checked">
      {parts.join(', ')}; with {plural(keys, 'passkey')} of {plural(people, 'person', 'people')}, all enrolled in the record itself
      <small>
        {charter === null ? 'No charter was in force.' : `In force at the end: charter version ${charter.version}, ${charter.name}`}
      </small>
    </span>
  );
}

/** What the bundle says of itself. */
function Claims({ report: { manifest } }: { report: BundleReport }) {
  if (manifest === null) return null;
  const { origin, made, profile, filter, complete, from, to } = manifest;
  const asked = Object.entries(filter).map(([name, value]) => `${name} ${typeof value === 'string' ? value : JSON.stringify(value)}`);
  return (
    <>
      <Line name="Log">{origin}</Line>
      <Line name="Made">
        {dateTime(made)}, profile {profile}
      </Line>
      <Line name="Asked for">{asked.length === 0 ? 'everything' : asked.join(', ')}</Line>
      <Line name="Holds">{to === 0 ? 'no entry' : `entries ${from} to ${to - 1}, ${complete ? 'all of them' : 'some of them'}`}</Line>
    </>
  );
}

function Line({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div className="field">
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}
