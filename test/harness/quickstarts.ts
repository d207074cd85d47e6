import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { type Quickstart, quickstartOf } from '../../apps/console/src/developers/quickstart-text.ts';

const FOLDER = path.resolve(import.meta.dirname, '../../docs/quickstart');

/** Every quickstart that there is, from the files that the console shows and the documentation has. */
export function quickstarts(): Quickstart[] {
  return readdirSync(FOLDER)
    .filter((name) => name.endsWith('.md') && name !== 'README.md')
    .map((name) => quickstartOf(name.replace('.md', ''), readFileSync(path.join(FOLDER, name), 'utf8')));
}
