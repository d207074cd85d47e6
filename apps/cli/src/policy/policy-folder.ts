import { readdirSync } from 'node:fs';
import path from 'node:path';
import { sha256 } from '@wheelhouse/installation/node-crypto';
import { bundleOfFiles } from '@wheelhouse/policy/bundle-files';
import { loadBundle, type LoadedPolicy } from '@wheelhouse/policy/load-bundle';
import type { PolicyBundle, PolicyFault } from '@wheelhouse/protocol/policy';
import { failed, usage } from '../cli-error.ts';
import { readText } from '../settings.ts';

/** The policies that come with Wheelhouse. */
const OWN = path.resolve(import.meta.dirname, '../../../../policies');

/** The bundle of a folder; a `CliError` that names each fault with its file. */
export function readPolicyFolder(named: readonly string[]): { readonly folder: string; readonly bundle: PolicyBundle } {
  const [folder = OWN, ...rest] = named;
  if (rest.length > 0) throw usage(`One folder is enough; "${rest.join(' ')}" is more.`);
  const reading = bundleOfFiles(filesIn(folder), nameOf(folder));
  if (!reading.ok) throw failed(faultsText(folder, reading.faults));
  return { folder, bundle: reading.bundle };
}

/** A bundle that decisions can be made by; a `CliError` for one that does not load. */
export function loadPolicyFolder(named: readonly string[]): LoadedPolicy {
  const { folder, bundle } = readPolicyFolder(named);
  const loading = loadBundle(bundle, sha256);
  if (!loading.ok) throw failed(faultsText(folder, loading.faults));
  return loading.policy;
}

/** Faults a line each: file, severity, policy, what is wrong. */
export function faultsText(folder: string, faults: readonly PolicyFault[]): string {
  return faults
    .map(({ file, severity, policy, message }) => {
      const place = file === null ? folder : path.join(folder, file);
      return `${place}: ${severity}: ${policy === null ? '' : `${policy}: `}${message}`;
    })
    .join('\n');
}

function filesIn(folder: string): ReadonlyMap<string, string> {
  try {
    const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => /\.(cedar|cedarschema|json)$/.test(name));
    return new Map(names.map((name) => [name.replaceAll(path.sep, '/'), readText(path.join(folder, name))]));
  } catch (error) {
    if (error instanceof Error && 'code' in error) throw failed(`The folder ${folder} can't be read`, error);
    throw error;
  }
}

/** A bundle is called as its folder is, unless that is the usual one. */
function nameOf(folder: string): string {
  const name = path.basename(path.resolve(folder));
  return name === 'policies' ? 'default' : name.slice(0, 100);
}
