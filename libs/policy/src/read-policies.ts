import { MOST_HOLD_BACK, type PolicyBundle, type PolicyFault, type Verdict } from '@wheelhouse/protocol/policy';
import { type CedarFault, policyJson, policyParts } from './cedar-machine.ts';
import { hostileText } from './hostile-text.ts';
import type { Asked } from './obligations.ts';

/** One policy of a bundle, read. `line` counts from 1 in its file. */
export type ReadPolicy = {
  readonly id: string;
  readonly file: string;
  readonly line: number;
  readonly text: string;
  readonly effect: 'permit' | 'forbid';
  /** `allow` for a permit. */
  readonly verdict: Verdict;
  readonly reason: string;
  readonly asks: Asked;
  /** Cedar's own rendering. */
  readonly json: unknown;
};

export type PoliciesRead = { readonly policies: readonly ReadPolicy[]; readonly faults: readonly PolicyFault[] };

/** Decisions name their policies, at most so many. */
const MOST_POLICIES = 100;
const ID = /^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/;
const LONGEST_REASON = 500;

/** Reads every policy of a bundle; what can't be read is a fault with its file and line, and the rest is read all the same. */
export function readPolicies(files: PolicyBundle['policies']): PoliciesRead {
  const policies = new Map<string, ReadPolicy>();
  const faults: PolicyFault[] = [];
  for (const [file, text] of Object.entries(files).sort(([a], [b]) => (a < b ? -1 : 1))) {
    const read = readFile(file, text);
    faults.push(...read.faults);
    for (const policy of read.policies) {
      const same = policies.get(policy.id);
      if (same === undefined) policies.set(policy.id, policy);
      else
        faults.push(
          faultOf(policy, 'duplicate_id', `line ${policy.line}: ${same.file} line ${same.line} has this id already; give it another`),
        );
    }
  }
  if (policies.size > MOST_POLICIES) {
    faults.push(bundleFault('too_many', `The bundle has ${policies.size} policies; at most ${MOST_POLICIES} are taken.`));
  }
  return { policies: [...policies.values()], faults };
}

/** An error about the bundle as a whole. */
export function bundleFault(code: string, message: string): PolicyFault {
  return { severity: 'error', code, file: null, policy: null, message };
}

/** The line, from 1, of a byte in a text. */
export function lineOf(text: string, start: number): number {
  return (
    new TextEncoder()
      .encode(text)
      .subarray(0, start)
      .filter((byte) => byte === 10).length + 1
  );
}

function readFile(file: string, text: string): PoliciesRead {
  const hostile = hostileText(text);
  if (hostile !== null) return { policies: [], faults: [fileFault(file, 'too_deep', hostile)] };
  const parts = policyParts(text);
  if (!parts.ok) return { policies: [], faults: parts.faults.map((fault) => parseFault(file, text, fault)) };
  const faults = parts.templates === 0 ? [] : [fileFault(file, 'template', 'has a template (`?principal`); write policies without slots')];
  const policies: ReadPolicy[] = [];
  for (const part of inOrder(text, parts.policies)) {
    const read = readPolicy(file, part);
    if ('id' in read) policies.push(read);
    else faults.push(...read.faults);
  }
  return { policies, faults };
}

type Part = { readonly text: string; readonly line: number };

/** Cedar gives the policies of a file out of order, each as it is written. */
function inOrder(text: string, parts: readonly string[]): readonly Part[] {
  const taken = new Map<string, number>();
  const placed = parts.map((part) => {
    const at = text.indexOf(part, taken.get(part) ?? 0);
    taken.set(part, at + 1);
    return { text: part, at };
  });
  return placed
    .sort((a, b) => a.at - b.at)
    .map(({ text: part, at }) => ({ text: part, line: text.slice(0, Math.max(0, at)).split('\n').length }));
}

function readPolicy(file: string, { text, line }: Part): ReadPolicy | { readonly faults: readonly PolicyFault[] } {
  const read = policyJson(text);
  if (!read.ok) return { faults: read.faults.map(({ message }) => fileFault(file, 'unreadable', `line ${line}: ${message}`)) };
  const { annotations, effect, json } = read;
  const { id, reason, verdict, ...rest } = annotations;
  if (id === undefined || !ID.test(id)) {
    const said = id === undefined ? 'has no @id("...")' : `has the @id ${JSON.stringify(id.slice(0, 120))}`;
    return { faults: [fileFault(file, 'id', `line ${line}: the ${effect} ${said}; give it one of letters, digits, ".", "_" and "-"`)] };
  }
  const asks: Asked = {};
  const wrong = [
    ...(reasonFault(reason) ?? []),
    ...(verdictFault(effect, verdict) ?? []),
    ...Object.entries(rest).flatMap(([name, value]) => takeObligation(asks, effect, { name, value }) ?? []),
  ];
  const faults = wrong.map(([code, message]) => ({ ...fileFault(file, code, `line ${line}: ${message}`), policy: id }));
  if (faults.length > 0 || reason === undefined) return { faults };
  return {
    ...{ id, file, line, text, effect, reason, asks, json },
    verdict: effect === 'permit' ? 'allow' : (FORBID_VERDICTS.get(verdict ?? 'deny') ?? 'deny'),
  };
}

type Wrong = readonly [code: string, message: string];

const FORBID_VERDICTS: ReadonlyMap<string, Verdict> = new Map([
  ['redact', 'redact'],
  ['hold', 'hold'],
  ['deny', 'deny'],
]);

function reasonFault(reason: string | undefined): readonly Wrong[] | null {
  if (reason === undefined || reason.trim() === '')
    return [['reason', 'there is no @reason("..."); say in words why, for whoever is refused']];
  return reason.length > LONGEST_REASON ? [['reason', `the @reason is longer than ${LONGEST_REASON} characters`]] : null;
}

function verdictFault(effect: ReadPolicy['effect'], verdict: string | undefined): readonly Wrong[] | null {
  if (verdict === undefined) return null;
  if (effect === 'permit') return [['annotation', 'a permit allows; @verdict is for forbid']];
  if (FORBID_VERDICTS.has(verdict)) return null;
  return [['annotation', `@verdict is "redact", "hold" or "deny", not ${JSON.stringify(verdict.slice(0, 40))}`]];
}

type Note = { readonly name: string; readonly value: string };

/** Puts what an annotation asks into `asks`; returns what is wrong with it. */
function takeObligation(asks: Asked, effect: ReadPolicy['effect'], { name, value }: Note): readonly Wrong[] | null {
  const said = `@${name.slice(0, 40)}(${JSON.stringify(value.slice(0, 40))})`;
  if (effect === 'forbid' && ['holdBack', 'onTimeout', 'watermark'].includes(name)) return [['annotation', `${said} is for permits`]];
  switch (name) {
    case 'holdBack':
      if (!/^[0-9]$/.test(value) || Number(value) > MOST_HOLD_BACK)
        return [['annotation', `${said}: ticks from "0" to "${MOST_HOLD_BACK}"`]];
      asks.holdBack = Number(value);
      return null;
    case 'onTimeout':
      if (value !== 'hold' && value !== 'pass' && value !== 'stop') return [['annotation', `${said}: "hold", "pass" or "stop"`]];
      asks.onTimeout = value;
      return null;
    case 'notify':
      if (value !== 'operators') return [['annotation', `${said}: "operators"`]];
      asks.notify = [value];
      return null;
    case 'watermark':
    case 'record':
      if (value !== 'true') return [['annotation', `${said}: "true", or leave it out`]];
      asks[name] = true;
      return null;
    default:
      return [
        ['annotation', `${said} means nothing here; known are id, reason, verdict, holdBack, onTimeout, watermark, notify and record`],
      ];
  }
}

function parseFault(file: string, text: string, { message, start }: CedarFault): PolicyFault {
  return fileFault(file, 'unreadable', start === null ? message : `line ${lineOf(text, start)}: ${message}`);
}

function fileFault(file: string, code: string, message: string): PolicyFault {
  return { severity: 'error', code, file, policy: null, message };
}

function faultOf({ file, id }: ReadPolicy, code: string, message: string): PolicyFault {
  return { severity: 'error', code, file, policy: id, message };
}
