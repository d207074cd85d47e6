import { PolicyBundle } from '@wheelhouse/protocol/policy';
import { z } from 'zod';

/** A bundle that somebody works on, as texts by file name. `base`: the digest of the bundle that they began from. */
export const Candidate = z.object({ base: z.string(), name: z.string(), files: z.record(z.string(), z.string()) });
export type Candidate = z.infer<typeof Candidate>;

export const SCHEMA_FILE = 'schema.cedarschema';
export const TOOLS_FILE = 'tools.json';
export const TESTS_FILE = 'tests.json';
const OTHERS: readonly string[] = [SCHEMA_FILE, TOOLS_FILE, TESTS_FILE];
/** What a file of policies may be called. */
export const FILE_NAME = /^[a-z0-9][a-z0-9-]{0,60}\.cedar$/;

export function isPolicyFile(name: string): boolean {
  return !OTHERS.includes(name);
}

export function candidateOf(bundle: PolicyBundle, base: string): Candidate {
  return {
    base,
    name: bundle.name,
    files: {
      ...bundle.policies,
      [SCHEMA_FILE]: bundle.schema,
      [TOOLS_FILE]: JSON.stringify(bundle.tools, null, 2),
      [TESTS_FILE]: JSON.stringify(bundle.tests, null, 2),
    },
  };
}

export type ReadCandidate = { readonly ok: true; readonly bundle: PolicyBundle } | { readonly ok: false; readonly why: readonly string[] };

/** The bundle that the files are, or why they are none: where each fault is, in words. */
export function bundleOf({ name, files }: Candidate): ReadCandidate {
  const [tools, tests] = [jsonIn(files, TOOLS_FILE), jsonIn(files, TESTS_FILE)];
  const broken = [tools, tests].flatMap((read) => (read.ok ? [] : [read.why]));
  if (!tools.ok || !tests.ok) return { ok: false, why: broken };
  const parsed = PolicyBundle.safeParse({
    name: name.trim(),
    policies: Object.fromEntries(Object.entries(files).filter(([file]) => isPolicyFile(file))),
    schema: files[SCHEMA_FILE] ?? '',
    tools: tools.value,
    tests: tests.value,
  });
  if (parsed.success) return { ok: true, bundle: parsed.data };
  return { ok: false, why: parsed.error.issues.slice(0, 20).map(({ path, message }) => `${whereIs(path)}: ${message}`) };
}

function jsonIn(files: Candidate['files'], name: string): { ok: true; value: unknown } | { ok: false; why: string } {
  try {
    const value: unknown = JSON.parse(files[name] ?? '');
    return { ok: true, value };
  } catch (error) {
    return { ok: false, why: `${name}: ${error instanceof Error ? error.message : 'is no JSON'}` };
  }
}

/** A place in a bundle, by the file that it is in. */
function whereIs([part, ...rest]: readonly PropertyKey[]): string {
  const inside = rest.map(String);
  switch (part) {
    case 'tools':
      return [TOOLS_FILE, ...inside].join(' ');
    case 'tests':
      return [TESTS_FILE, ...inside].join(' ');
    case 'schema':
      return SCHEMA_FILE;
    case 'policies':
      return inside.join(' ');
    default:
      return String(part ?? 'bundle');
  }
}
