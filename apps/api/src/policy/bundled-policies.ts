import path from 'node:path';
import type { PolicyBundle } from '@wheelhouse/protocol/policy';
import { bundleIn } from './shipped-bundle.ts';

/** The policies that come with Wheelhouse. Throws where the folder is no bundle: then the installation is broken. */
export function bundledPolicies(root: string): PolicyBundle {
  const read = bundleIn(path.join(root, 'policies'));
  if (!read.ok) throw new Error(`The folder policies can't be used: ${read.faults.map(({ message }) => message).join(' ')}`);
  return read.bundle;
}
