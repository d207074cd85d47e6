import { MAX_LINE_BYTES } from './bundle-format.ts';
import { openFieldCheck } from './bundle-fields.ts';
import type { FieldReport } from './bundle-fields.ts';
import { readLine } from './bundle-line.ts';
import type { EntryLine, GapLine } from './bundle-line.ts';
import { splitLines } from './bundle-lines.ts';
import type { BundleCode, FurtherAudit } from './bundle-report.ts';
import { equalBytes } from './bytes.ts';
import type { Item } from './disclosure.ts';
import type { FindingList } from './findings.ts';
import type { Sha256 } from './primitives.ts';
import { openPrunedFold } from './pruned-tree.ts';
import { readFields } from './read-entry.ts';
import type { Leaf } from './sealed-entry.ts';
import { openSessionAudit } from './session-audit.ts';
import type { SessionAuditReport } from './session-audit.ts';
import { isEvidenceKind } from './session-evidence.ts';
import type { TreeHead } from './tree-hash.ts';

export type EntriesOptions = {
  /** Genuine heads, ascending in size. */
  readonly heads: readonly TreeHead[];
  /** The redaction profile that the bundle says it was made with. */
  readonly profile: string;
  /** When the bundle was made: what belongs to an order of the minute before may not have been in the log yet. Empty where it is not known. */
  readonly made: string;
  readonly sha256: Sha256;
  readonly findings: FindingList<BundleCode>;
  readonly further?: FurtherAudit | undefined;
};

export type EntriesReport = {
  readonly entries: number;
  readonly gaps: number;
  /** The first entry shown, and the one after the last; both 0 where none is. */
  readonly from: number;
  readonly to: number;
  readonly size: number;
  readonly matched: number;
  readonly kinds: Readonly<Record<string, number>>;
  readonly fields: FieldReport;
  readonly sessions: SessionAuditReport;
};

export type EntriesCheck = {
  /** The next bytes of `entries.jsonl`. */
  readonly take: (chunk: Uint8Array) => void;
  /** Leaves that have passed, shown or not. */
  readonly done: () => number;
  readonly finish: () => EntriesReport;
};

type Seen = {
  entries: number;
  gaps: number;
  from: number;
  to: number;
  at: number;
  sound: boolean;
  /** The line before could not be read, so that nobody knows where this one must begin. */
  lost: boolean;
  matched: number;
  nextHead: number;
  lastMatched: number;
};

/** Kinds beyond this number are not counted one by one: a hostile bundle has any number of them. */
const MAX_KINDS = 200;

/** Checks `entries.jsonl` as it comes: every line, every entry's fields, the tree at every head, and what the entries say together. */
export function openEntriesCheck(options: EntriesOptions): EntriesCheck {
  const { findings, sha256 } = options;
  const seen: Seen = { entries: 0, gaps: 0, from: 0, to: 0, at: 0, sound: true, lost: false, matched: 0, nextHead: 0, lastMatched: 0 };
  const parts: Parts = {
    options,
    seen,
    tree: openPrunedFold(sha256),
    fields: openFieldCheck(options.profile, findings),
    sessions: openSessionAudit({ sha256 }),
    kinds: new Map(),
  };
  const lose = (number: number, code: BundleCode, message: string): void => {
    findings.add({ code, message: `entries.jsonl, line ${number} (where entry ${seen.at} was expected): ${message}` });
    seen.sound = false;
    seen.lost = true;
    parts.sessions.hole();
  };
  const lines = splitLines(
    {
      line: (bytes, number) => {
        const line = readLine(bytes, sha256);
        if (!line.ok) lose(number, line.code, line.message);
        else if (line.value.is === 'gap') takeGap(parts, number, line.value);
        else takeEntry(parts, number, line.value);
      },
      tooLong: (number) => {
        lose(number, 'line_too_long', `the line has more than ${MAX_LINE_BYTES} bytes.`);
      },
    },
    MAX_LINE_BYTES,
  );
  checkHeadsAt(parts);
  return {
    take: lines.take,
    done: () => seen.at,
    finish: () => {
      if (!lines.end()) findings.add({ code: 'line_not_ended', message: 'entries.jsonl: its last line is not ended: it was cut off.' });
      return finish(parts);
    },
  };
}

type Parts = {
  readonly options: EntriesOptions;
  readonly seen: Seen;
  readonly tree: ReturnType<typeof openPrunedFold>;
  readonly fields: ReturnType<typeof openFieldCheck>;
  readonly sessions: ReturnType<typeof openSessionAudit>;
  readonly kinds: Map<string, number>;
};

/** Whether a line begins where the one before ended. One that does not ends the tree, which its place cannot be made up for. */
function follows({ options, seen, sessions }: Parts, number: number, from: number): void {
  const { lost } = seen;
  seen.lost = false;
  if (from === seen.at || (lost && from > seen.at)) return;
  const where = `entries.jsonl, line ${number}`;
  if (from > seen.at) {
    const absent = from - seen.at === 1 ? `entry ${seen.at} is` : `entries ${seen.at} to ${from - 1} are`;
    options.findings.add({
      code: 'index_missing',
      index: from,
      message: `${where}: entry ${from} comes where ${seen.at} was expected: ${absent} missing, or out of order.`,
    });
  } else {
    const message = `${where}: entry ${from} comes again, or out of order: ${seen.at} was expected.`;
    options.findings.add({ code: 'index_repeated', index: from, message });
  }
  seen.sound = false;
  sessions.hole();
}

function takeGap(parts: Parts, number: number, gap: GapLine): void {
  const { options, seen, sessions, tree } = parts;
  follows(parts, number, gap.from);
  seen.gaps += 1;
  sessions.hole();
  if (seen.sound) {
    const verdict = tree.gap(gap.to, gap.nodes);
    if (!verdict.ok) {
      options.findings.add({ code: verdict.code, index: gap.from, message: `entries.jsonl, line ${number}: ${verdict.message}` });
      seen.sound = false;
    }
  }
  seen.at = Math.max(gap.to, gap.from);
  checkHeadsAt(parts);
}

function takeEntry(parts: Parts, number: number, line: EntryLine): void {
  const { options, seen, tree, kinds } = parts;
  const { index, leaf } = line;
  follows(parts, number, index);
  if (seen.entries === 0) seen.from = index;
  seen.entries += 1;
  seen.at = index + 1;
  seen.to = seen.at;
  if (kinds.size < MAX_KINDS || kinds.has(leaf.kind)) kinds.set(leaf.kind, (kinds.get(leaf.kind) ?? 0) + 1);
  if (seen.sound) tree.leaf(line.leafHash);
  if (equalBytes(line.fieldsRoot, leaf.fields)) takeFields(parts, line);
  else {
    const message = `Entry ${index}: its fields are not those that its leaf commits to: something was changed, added or left out.`;
    options.findings.add({ code: 'fields_differ', index, message });
    parts.sessions.hole();
  }
  checkHeadsAt(parts);
}

function takeFields({ options, fields, sessions }: Parts, { index, leaf, items }: EntryLine): void {
  fields.entry(index, leaf, items);
  options.further?.take({ index, kind: leaf.kind, read: () => readFields(leaf, items).entry });
  if (isEvidenceKind(leaf.kind))
    sessions.entry(
      index,
      shapeOf(leaf, items),
      items.some((item) => 'commitment' in item),
    );
}

/** What `assemble` puts together, as far as the session audit reads it, and faster. */
function shapeOf({ kind }: Leaf, items: readonly Item[]): Record<string, unknown> {
  const data: Record<string, unknown> = {};
  const by: Record<string, unknown> = {};
  let time: unknown = '';
  for (const item of items) {
    if ('commitment' in item || item.name.endsWith('__proto__')) continue;
    if (item.name.startsWith('data.')) data[item.name.slice(5)] = item.value;
    else if (item.name.startsWith('by.')) by[item.name.slice(3)] = item.value;
    else if (item.name === 'time') time = item.value;
  }
  return { kind, time, by, data };
}

function checkHeadsAt({ options, seen, tree }: Parts): void {
  for (let head = options.heads[seen.nextHead]; head !== undefined && head.size <= seen.at; head = options.heads[seen.nextHead]) {
    seen.nextHead += 1;
    if (!seen.sound) continue;
    if (head.size < tree.size()) {
      const message = `A gap passes over the signed head of ${head.size} entries, so that nothing shows whether they lead to it.`;
      options.findings.add({ code: 'head_not_reached', message });
    } else if (equalBytes(tree.root(), head.root)) {
      seen.matched += 1;
      seen.lastMatched = head.size;
    } else {
      // Every head after the first wrong one is wrong as well and would say nothing new.
      if (seen.nextHead - seen.matched === 1) options.findings.add({ code: 'root_differs', message: describe(head, seen.lastMatched) });
    }
  }
}

function describe({ size }: TreeHead, matched: number): string {
  return (
    `The entries do not lead to the signed head of ${size} entries: the head is another tree's, or what is said of the entries ${matched} to ` +
    `${size - 1} is not what was signed.`
  );
}

function finish({ options, seen, tree, fields, sessions, kinds }: Parts): EntriesReport {
  const size = options.heads.at(-1)?.size;
  if (size !== undefined && seen.at < size) {
    const message = `The last signed head has ${size} entries, entries.jsonl ends after ${seen.at}: the rest was cut off.`;
    options.findings.add({ code: 'entries_cut', message });
    sessions.hole();
  }
  if (size !== undefined && seen.at > size) {
    const message = `entries.jsonl goes on to ${seen.at} entries after the last signed head, of ${size}: nothing vouches for those.`;
    options.findings.add({ code: 'entries_beyond_head', message });
  }
  const audit = sessions.finish(minuteBefore(options.made));
  for (const finding of audit.findings) options.findings.add(finding);
  const { entries, gaps, from, to, matched } = seen;
  const byKind = Object.fromEntries([...kinds].sort(([a], [b]) => (a < b ? -1 : 1)));
  return { entries, gaps, from, to, size: tree.size(), matched, kinds: byKind, fields: fields.report(), sessions: audit };
}

/**
 * A time that is a minute before another (ISO 8601 in UTC), or at midnight somewhat more: only their order as texts matters. Undefined for what
 * is no such time.
 */
export function minuteBefore(time: string): string | undefined {
  const [, year, month, day, hour, minute, rest] = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d)(.*)$/.exec(time) ?? [];
  if (rest === undefined) return undefined;
  const parts = [year, month, day, hour, minute].map(Number);
  // Borrow from the next larger part; days up to 28 are in every month.
  const highest = [Infinity, 12, 28, 23, 59];
  const lowest = [0, 1, 1, 0, 0];
  for (let i = parts.length - 1; i >= 0; i -= 1) {
    const part = parts[i] ?? 0;
    if (part > (lowest[i] ?? 0)) {
      parts[i] = part - 1;
      break;
    }
    parts[i] = highest[i] ?? 0;
  }
  const [y, mo, d, h, mi] = parts.map((part, i) => String(part).padStart(i === 0 ? 4 : 2, '0'));
  return `${y ?? ''}-${mo ?? ''}-${d ?? ''}T${h ?? ''}:${mi ?? ''}${rest}`;
}
