import { CHECKPOINTS, PolicyBundle, PolicyRequest, type PolicyFault, VERDICTS } from '@wheelhouse/protocol/policy';
import { sampleRequest } from './sample-request.ts';

/** The texts of a bundle's folder by their paths in it (`output.cedar`, `tests/DENY/high-injection.json`), with `/` between folders. */
export type BundleFiles = ReadonlyMap<string, string>;

export type BundleReading =
  { readonly ok: true; readonly bundle: PolicyBundle } | { readonly ok: false; readonly faults: readonly PolicyFault[] };

type Test = PolicyBundle['tests'][number];

const SCHEMA = 'schema.cedarschema';
const TOOLS = 'tools.json';
const DEEPEST = 40;

/**
 * Makes a bundle of a folder's files: `*.cedar`, `schema.cedarschema`, `tools.json` and `tests/{ALLOW,REDACT,HOLD,DENY}/*.json`. What a test does not say is
 * as in an ordinary request at its checkpoint. Other files (a README, the charter) are left alone, but a policy or a test in a place where it
 * would not be read is a fault.
 */
export function bundleOfFiles(files: BundleFiles, name: string): BundleReading {
  const faults: PolicyFault[] = [];
  const policies: Record<string, string> = {};
  const tests: Test[] = [];
  for (const [path, text] of [...files].sort(([a], [b]) => (a < b ? -1 : 1))) {
    if (/^[^/]+\.cedar$/.test(path)) policies[path] = text;
    else if (path.startsWith('tests/') && path.endsWith('.json')) take(readTest(path, text), tests, faults);
    else if (path.endsWith('.cedar'))
      faults.push(faultOf(path, 'misplaced', 'policies lie in the folder itself; here it would not be read'));
  }
  const schema = files.get(SCHEMA);
  if (schema === undefined) faults.push(faultOf(SCHEMA, 'missing', 'the folder has no schema'));
  const tools = readJson(files.get(TOOLS) ?? '{}');
  if (!tools.ok) faults.push(faultOf(TOOLS, 'unreadable', tools.message));
  if (faults.length > 0) return { ok: false, faults };
  const parsed = PolicyBundle.safeParse({ name, policies, schema, tools: tools.ok ? tools.value : {}, tests });
  if (parsed.success) return { ok: true, bundle: parsed.data };
  return { ok: false, faults: parsed.error.issues.map(({ path, message }) => issueFault(path, message)) };
}

/** The files that a bundle would be in a folder: what two bundles are compared by. */
export function filesOfBundle({ policies, schema, tools, tests }: PolicyBundle): BundleFiles {
  const tested = tests.map(({ name, verdict, ...test }) => [testPath(name, verdict), `${JSON.stringify(test, null, 2)}\n`] as const);
  return new Map([...Object.entries(policies), [SCHEMA, schema], [TOOLS, `${JSON.stringify(tools, null, 2)}\n`], ...tested]);
}

function testPath(name: string, verdict: Test['verdict']): string {
  return `tests/${verdict.toUpperCase()}/${name}.json`;
}

function readTest(path: string, text: string): Test | PolicyFault {
  const [, folder, file, ...more] = path.split('/');
  const verdict = VERDICTS.find((each) => each.toUpperCase() === folder);
  if (verdict === undefined || file === undefined || more.length > 0)
    return faultOf(path, 'misplaced', 'tests lie in tests/ALLOW, tests/REDACT, tests/HOLD or tests/DENY');
  const read = readJson(text);
  if (!read.ok) return faultOf(path, 'unreadable', read.message);
  if (!isObject(read.value)) return faultOf(path, 'unreadable', 'is no JSON object');
  const { request, policies, ...unknown } = read.value;
  const [odd] = Object.keys(unknown);
  if (odd !== undefined)
    return faultOf(path, 'unreadable', `"${odd.slice(0, 60)}" means nothing here; a test has a request, and policies if you like`);
  if (policies !== undefined && !(Array.isArray(policies) && policies.every((id) => typeof id === 'string')))
    return faultOf(path, 'unreadable', 'policies is a list of ids');
  const full = completeRequest(request);
  if (!full.ok) return faultOf(path, 'unreadable', full.message);
  const name = file.slice(0, -'.json'.length);
  return { name, request: full.request, verdict, ...(policies === undefined ? {} : { policies: policies.map(String) }) };
}

/** A request of what a person wrote: whatever is left out is as in an ordinary request at the same checkpoint. */
export function completeRequest(
  written: unknown,
): { readonly ok: true; readonly request: PolicyRequest } | { readonly ok: false; readonly message: string } {
  const checkpoint = isObject(written) ? CHECKPOINTS.find((each) => each === written['checkpoint']) : undefined;
  if (checkpoint === undefined) return { ok: false, message: `request.checkpoint is one of ${CHECKPOINTS.join(', ')}` };
  const parsed = PolicyRequest.safeParse(over(sampleRequest(checkpoint), written, 0));
  if (parsed.success) return { ok: true, request: parsed.data };
  const [issue] = parsed.error.issues;
  return { ok: false, message: `request${issue === undefined ? '' : `.${issue.path.join('.')}: ${issue.message}`}` };
}

function over(base: unknown, written: unknown, depth: number): unknown {
  if (!isObject(base) || !isObject(written) || depth > DEEPEST) return written;
  const merged = Object.entries(written).map(([key, value]) => [
    key,
    over(Object.hasOwn(base, key) ? base[key] : undefined, value, depth + 1),
  ]);
  return { ...base, ...Object.fromEntries(merged) };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function readJson(text: string): { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly message: string } {
  try {
    const value: unknown = JSON.parse(text);
    return { ok: true, value };
  } catch (error) {
    return { ok: false, message: `is no JSON: ${error instanceof Error ? error.message : String(error)}` };
  }
}

function take(read: Test | PolicyFault, tests: Test[], faults: PolicyFault[]): void {
  if ('code' in read) faults.push(read);
  else tests.push(read);
}

function issueFault(path: readonly PropertyKey[], message: string): PolicyFault {
  const [part, key] = path.map(String);
  const file = part === 'policies' && key !== undefined ? key : part === 'tools' ? TOOLS : part === 'schema' ? SCHEMA : null;
  return { severity: 'error', code: 'unreadable', file, policy: null, message: `${path.map(String).join('.')}: ${message}` };
}

function faultOf(file: string, code: string, message: string): PolicyFault {
  return { severity: 'error', code, file, policy: null, message };
}
