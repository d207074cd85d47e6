import { parseArgs } from 'node:util';
import { sha256 } from '@wheelhouse/installation/node-crypto';
import { lintBundle } from '@wheelhouse/policy/lint-bundle';
import { EXIT, type Exit } from '../cli-error.ts';
import { faultsText, readPolicyFolder } from './policy-folder.ts';

/** `wheelhouse policy lint [FOLDER]`: everything that is wrong with a bundle. Ends with 1 where there is an error; warnings alone end with 0. */
export function lintCommand(args: readonly string[]): Exit {
  const { values, positionals } = parseArgs({ args: [...args], options: { json: { type: 'boolean' } }, allowPositionals: true });
  const { folder, bundle } = readPolicyFolder(positionals);
  const faults = lintBundle(bundle, sha256);
  const errors = faults.filter(({ severity }) => severity === 'error').length;
  const text = faults.length === 0 ? '' : `${faultsText(folder, faults)}\n`;
  const count = `${errors} errors, ${faults.length - errors} warnings.\n`;
  process.stdout.write(values.json === true ? `${JSON.stringify(faults, null, 2)}\n` : text + count);
  return errors === 0 ? EXIT.fine : EXIT.fault;
}
