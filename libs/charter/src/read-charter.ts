import { CharterFile } from '@wheelhouse/protocol/charter';
import { type Document, isMap, isNode, isScalar, isSeq, LineCounter, parseDocument, visit } from 'yaml';
import type { z } from 'zod';
import type { Charter } from './charter.ts';
import { type CharterFault, faultsOf } from './charter-faults.ts';
import { charterOf } from './charter-of.ts';
import { reviewFaults } from './review-faults.ts';

/** A charter, or everything that is wrong with its text. `line` counts from 1; null where no line can be named. */
export type CharterReading =
  | { readonly ok: true; readonly charter: Charter; readonly file: CharterFile }
  | { readonly ok: false; readonly faults: readonly (CharterFault & { readonly line: number | null })[] };

const LONGEST = 1_000_000;
const NO_ANCHORS = { path: [], message: 'anchors and aliases (&, *) are not allowed in a charter' } as const;

/** Reads a charter's text, YAML or JSON. Strict: keys that appear twice or mean nothing are faults, and so are YAML's anchors and tags. */
export function readCharter(text: string): CharterReading {
  const read = readText(text);
  const faults = read.reading.ok ? reviewFaults(read.reading.charter) : [];
  if (faults.length === 0) return read.reading;
  return { ok: false, faults: faults.map((fault) => ({ ...fault, line: read.lineOf(fault.path) })) };
}

/**
 * Reads the text of a charter that is or was in force. What has been looked for since it was adopted is no fault of it: it stays in force until it is amended, and
 * its record stays readable.
 */
export function readAdopted(text: string): CharterReading {
  return readText(text).reading;
}

type Read = { readonly reading: CharterReading; readonly lineOf: (path: readonly PropertyKey[]) => number | null };

function readText(text: string): Read {
  if (text.length > LONGEST)
    return { reading: { ok: false, faults: [{ path: [], line: null, message: `longer than ${LONGEST} characters` }] }, lineOf: () => null };
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, uniqueKeys: true, strict: true, merge: false, prettyErrors: false });
  const lineOf = (path: readonly PropertyKey[]) => lineIn(document, lines, path);
  const faulty = (faults: readonly CharterFault[]): Read => ({
    reading: { ok: false, faults: faults.map((fault) => ({ ...fault, line: lineOf(fault.path) })) },
    lineOf,
  });
  const broken = [...document.errors, ...document.warnings];
  if (broken.length > 0) {
    const faults = broken.map(({ message, pos }) => ({ path: [], line: lines.linePos(pos[0]).line, message }));
    return { reading: { ok: false, faults }, lineOf };
  }
  let plain: unknown;
  try {
    if (hasAnchor(document)) return faulty([NO_ANCHORS]);
    plain = document.toJS({ maxAliasCount: 0 });
  } catch {
    return faulty([NO_ANCHORS]);
  }
  const parsed = CharterFile.safeParse(plain);
  if (!parsed.success) return faulty(parsed.error.issues.flatMap(issueFaults));
  const faults = faultsOf(parsed.data);
  if (faults.length > 0) return faulty(faults);
  return { reading: { ok: true, charter: charterOf(parsed.data), file: parsed.data }, lineOf };
}

/** Also one that nothing refers to: who reads the text should not have to look for what it does. */
function hasAnchor(document: Document.Parsed): boolean {
  let found = false;
  visit(document, {
    Value: (_, node) => {
      found ||= node.anchor !== undefined;
      return found ? visit.BREAK : undefined;
    },
  });
  return found;
}

/** What a zod issue says, for people. An unknown key is named by its whole path. */
function issueFaults(issue: z.core.$ZodIssue): CharterFault[] {
  if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => ({ path: [...issue.path, key], message: 'unknown key' }));
  if (issue.code === 'invalid_key') return [{ path: issue.path, message: issue.issues[0]?.message ?? 'not a valid key' }];
  return [{ path: issue.path, message: issue.message }];
}

/** The line of the deepest part of the path that the text has; for a key, the key's own line. */
function lineIn(document: Document.Parsed, lines: LineCounter, path: readonly PropertyKey[]): number | null {
  for (let depth = path.length; depth > 0; depth -= 1) {
    const parent: unknown = document.getIn(path.slice(0, depth - 1), true);
    const name = path[depth - 1];
    const node = isMap(parent)
      ? parent.items.find(({ key }) => isScalar(key) && key.value === name)?.key
      : isSeq(parent)
        ? parent.items[Number(name)]
        : null;
    const start = isNode(node) ? node.range?.[0] : undefined;
    if (start !== undefined) return lines.linePos(start).line;
  }
  return null;
}
