import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { bundleOfFiles, type BundleReading } from '@wheelhouse/policy/bundle-files';

/** The bundle in a folder: the one that Wheelhouse brings along, or what an organisation made of it before the first start. */
export function bundleIn(folder: string): BundleReading {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => /\.(cedar|cedarschema|json)$/.test(name));
  const files = names.map((name) => [name.replaceAll(path.sep, '/'), readFileSync(path.join(folder, name), 'utf8')] as const);
  return bundleOfFiles(new Map(files), 'default');
}
