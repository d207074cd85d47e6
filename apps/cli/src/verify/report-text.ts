import { inWords } from '@wheelhouse/charter/approval-report';
import type { Report, VerifyFinding } from './report.ts';
import type { MetOrder, SessionStory, TickRange } from './session-story.ts';

const TICK_MS = 200;

/** The report as a person reads it: the verdict first and last, since a long report scrolls away. */
export function reportText(report: Report): string {
  const lines = [
    verdict(report),
    '',
    ...checked(report),
    ...notChecked(report),
    ...(report.session === null ? [] : ['', ...storyText(report.session)]),
    ...findingLines('Faults', report.findings, 'fault'),
    ...findingLines('Notes', report.findings, 'note'),
    ...(report.suppressed === 0 ? [] : ['', `${report.suppressed} more findings of the same kinds are not listed.`]),
    '',
    verdict(report),
  ];
  return `${lines.join('\n')}\n`;
}

function verdict({ ok, faults, entries, heads }: Report): string {
  if (!ok) return `VERIFICATION FAILED: ${plural(faults, 'fault')}. The record was changed, is damaged, or shows that a law was broken.`;
  return `Verified: ${plural(entries, 'entry', 'entries')}, ${heads.sealed === entries ? 'all' : heads.sealed} under a signed head; nothing was changed.`;
}

function checked(report: Report): string[] {
  const { heads, sessions, orders, records } = report;
  const file =
    report.checkpointFile === null
      ? 'none in a file beside the database'
      : `the one in the file beside the database is of ${report.checkpointFile}`;
  const kinds = Object.entries(report.kinds).map(([kind, count]) => `${count} ${kind}`);
  return [
    line('Key', report.key),
    line('Entries', `${report.entries}, read: form, hash and columns of each checked`),
    ...wrapped(kinds),
    line('Tree', `size ${report.head.size}, root ${short(report.head.root)}`),
    line('Signed heads', `${heads.checked} checked, ${heads.matched} agree with the entries; ${file}`),
    ...cosignedText(report.cosigned),
    line('Tiles', `${report.tiles} computed anew`),
    line(
      'Sessions',
      `${sessions.total} (${sessions.open} not ended), ${plural(sessions.ticks, 'tick')} of evidence (${duration(sessions.ticks)})`,
    ),
    line('Orders', `${orders.total} (${plural(orders.inForce, 'latch', 'latches')} in force)`),
    ...approvalLines(report.approvals).map((text, i) => line(i === 0 ? 'Approvals' : '', text)),
    line(
      'Tables',
      `${plural(records.sessions, 'session')}, ${plural(records.people, 'person', 'people')}, ${plural(records.keys, 'API key')} held against the ledger`,
    ),
  ];
}

/** What was checked of proposals and votes, and with which keys; a line each. */
export function approvalLines({ checked: counts, keys, people, charter }: Report['approvals']): string[] {
  const parts = inWords(counts);
  if (parts.length === 0) return ['none in the record: every permissive act was decided by two people'];
  return [
    charter === null ? 'no charter was in force' : `charter version ${charter.version}, ${charter.name}`,
    ...pairs(parts),
    `with ${plural(keys, 'passkey')} of ${plural(people, 'person', 'people')}, all enrolled in the record itself`,
  ];
}

function pairs(parts: readonly string[]): string[] {
  return parts.flatMap((part, i) => (i % 2 === 0 ? [[part, ...parts.slice(i + 1, i + 2)].join(', ')] : []));
}

function notChecked({ approvals }: Report): string[] {
  const { unchecked } = approvals;
  return unchecked.length === 0 ? [] : ['', 'Not checked', ...unchecked.map(({ message }) => `  ${message}`)];
}

function cosignedText(cosigned: Report['cosigned']): string[] {
  if (cosigned === null) return [line('Witnesses', 'no cosigned checkpoint')];
  const { size, witnesses, unchecked } = cosigned;
  return [
    ...witnesses.map(({ name, time }, i) =>
      line(i === 0 ? 'Witnesses' : '', `${name} vouches for the first ${plural(size, 'entry', 'entries')} as of ${time}`),
    ),
    ...unchecked.map((name, i) =>
      line(
        i + witnesses.length === 0 ? 'Witnesses' : '',
        `${name} signed the first ${size} too; not checked, since its key was not given (--witness)`,
      ),
    ),
    ...(witnesses.length + unchecked.length === 0 ? [line('Witnesses', `none under the cosigned checkpoint of ${size}`)] : []),
  ];
}

function storyText(story: SessionStory): string[] {
  const { opened, ended, ticks, orders, proofs } = story;
  return [
    `Session ${story.session}`,
    opened === null
      ? '  was never opened'
      : line(
          'Opened',
          `${opened.time} by ${opened.by}, deployment ${opened.deployment}, tenant ${opened.tenant}, level ${opened.level} (entry ${opened.entry})`,
        ),
    ...ticks.map((range) => line('Ticks', rangeText(range))),
    ...orders.flatMap(orderText),
    ended === null ? line('Ended', 'not yet') : line('Ended', `${ended.time}: ${ended.reason} (entry ${ended.entry})`),
    line('Proofs', `${proofs.good} of ${proofs.checked} entries above are proved to be in the signed tree of ${proofs.size}`),
  ];
}

function rangeText(range: TickRange): string {
  const { fromTick, toTick, firstEntry, lastEntry, firstOut, lastOut, withheld, late } = range;
  const out = lastOut > firstOut ? `frames #${firstOut + 1} to #${lastOut} left` : `no frame left after #${lastOut}`;
  return `${fromTick} to ${toTick} (${duration(toTick - fromTick + 1)}), ${out}, ${withheld} withheld, ${late} late (entries ${firstEntry} to ${lastEntry})`;
}

function orderText(order: MetOrder): string[] {
  const effect =
    order.met === null
      ? 'in force when the session came under it'
      : `took effect in tick ${order.met.tick}, last frame out #${order.met.lastSequence}${order.met.settled ? '' : ' (still under way)'}, gate closed after ${order.gateClosedUs} µs`;
  const release = order.release;
  return [
    line(
      'Order',
      `number ${order.number}: ${order.kind} on ${order.scope} by ${order.by}${order.reason === '' ? '' : `, "${order.reason}"`}`,
    ),
    line('', `${order.time}, ${effect} (entry ${order.entry})`),
    ...(order.kind === 'whisper'
      ? []
      : [
          line(
            '',
            release === null
              ? 'in force'
              : `released ${release.time}: asked by ${release.askedBy}, confirmed by ${release.confirmedBy} (entry ${release.entry})`,
          ),
        ]),
  ];
}

function findingLines(title: string, findings: readonly VerifyFinding[], severity: VerifyFinding['severity']): string[] {
  const some = findings.filter((finding) => finding.severity === severity);
  if (some.length === 0) return [];
  return ['', title, ...some.map(({ code, index, message }) => `  ${index === undefined ? '' : `[entry ${index}] `}${message} (${code})`)];
}

function wrapped(parts: readonly string[]): string[] {
  const lines: string[] = [];
  for (let at = 0; at < parts.length; at += 4) lines.push(line('', parts.slice(at, at + 4).join(', ')));
  return lines;
}

function line(label: string, text: string): string {
  return `  ${label.padEnd(14)}${text}`;
}

function short(hex: string): string {
  return `${hex.slice(0, 16)}…${hex.slice(-8)}`;
}

function duration(ticks: number): string {
  const seconds = Math.round((ticks * TICK_MS) / 1000);
  return seconds < 120 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}

function plural(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}
