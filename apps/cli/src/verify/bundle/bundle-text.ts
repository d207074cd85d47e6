import type { ApprovalReport } from '@wheelhouse/charter/approval-report';
import type { BundleReport } from '@wheelhouse/ledger/bundle-report';
import { approvalLines } from '../report-text.ts';

/** What was checked of a bundle, that of its approvals beside the rest; their findings stand among the others. */
export type CheckedBundle = BundleReport & {
  readonly approvals: Pick<ApprovalReport, 'checked' | 'unchecked' | 'keys' | 'people' | 'charter'>;
};

/** The report as a person reads it: the verdict first and last, since a long report scrolls away. */
export function bundleText(report: CheckedBundle): string {
  const lines = [
    verdict(report),
    '',
    ...claims(report),
    ...checked(report),
    ...section(
      'Not checked',
      report.unchecked.map(({ message }) => message),
    ),
    ...findings('Faults', report, 'fault'),
    ...findings('Notes', report, 'note'),
    ...(report.suppressed === 0 ? [] : ['', `${report.suppressed} more findings of the same kinds are not listed.`]),
    '',
    verdict(report),
  ];
  return `${lines.join('\n')}\n`;
}

function verdict({ ok, anchored, faults, entries, head }: CheckedBundle): string {
  if (!ok) return `VERIFICATION FAILED: ${plural(faults, 'fault')}. The bundle was changed, is damaged, or shows that a law was broken.`;
  const what = `${plural(entries.checked, 'entry', 'entries')} of the ${head?.size ?? 0} in the log`;
  if (!anchored) return `Consistent, but not proven: ${what}. No key that you trust vouches for it (--key VKEY).`;
  return `Verified: ${what}, under a signed head; nothing was changed.`;
}

function claims({ manifest }: CheckedBundle): string[] {
  if (manifest === null) return [];
  const { origin, made, profile, filter, complete, from, to } = manifest;
  const asked = Object.keys(filter).length === 0 ? 'everything' : JSON.stringify(filter);
  const range = to === 0 ? 'no entry' : `entries ${from} to ${to - 1}, ${complete ? 'all of them' : 'some of them'}`;
  return [
    line('Log', origin),
    line('Export', `${manifest.export}, made ${made}`),
    line('Asked for', `${asked}; redaction profile "${profile}"`),
    line('Shows', range),
  ];
}

function checked({ key, anchored, head, heads, witnesses, entries, fields, sessions, approvals }: CheckedBundle): string[] {
  const kinds = Object.entries(entries.kinds).map(([kind, count]) => `${count} ${kind}`);
  return [
    line('Key', key === null ? 'none' : `${key} (${anchored ? 'yours' : 'named by the bundle itself'})`),
    ...(head === null ? [] : [line('Head', `size ${head.size}, root ${head.root.slice(0, 16)}…${head.root.slice(-8)}`)]),
    line('Signed heads', `${heads.checked} checked, ${heads.matched} agree with the entries`),
    ...witnesses.map(({ key: name, size, time, trusted }, i) => {
      const when = new Date(time * 1000).toISOString();
      const whose = trusted ? '' : ' (its key is only named by the bundle)';
      return line(i === 0 ? 'Witnesses' : '', `${name} vouches for the first ${size} as of ${when}${whose}`);
    }),
    line('Entries', `${entries.checked} checked, with ${plural(entries.gaps, 'gap')} between them`),
    ...wrapped(kinds),
    line('Fields', `${fields.shown} shown, ${fields.withheld} withheld; each is committed to`),
    line('Sessions', `${sessions.sessions} (${sessions.open.length} not ended here), ${plural(sessions.ticks, 'tick')} of evidence`),
    line('Orders', String(sessions.orders)),
    ...approvalLines(approvals).map((text, i) => line(i === 0 ? 'Approvals' : '', text)),
  ];
}

function findings(title: string, report: CheckedBundle, severity: 'fault' | 'note'): string[] {
  const some = report.findings.filter((finding) => finding.severity === severity);
  return section(
    title,
    some.map(({ code, message }) => `${message} (${code})`),
  );
}

function section(title: string, items: readonly string[]): string[] {
  return items.length === 0 ? [] : ['', title, ...items.map((item) => `  ${item}`)];
}

function wrapped(parts: readonly string[]): string[] {
  const lines: string[] = [];
  for (let at = 0; at < parts.length; at += 4) lines.push(line('', parts.slice(at, at + 4).join(', ')));
  return lines;
}

function line(label: string, text: string): string {
  return `  ${label.padEnd(14)}${text}`;
}

function plural(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}
