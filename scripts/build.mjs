// Compiles apps/api to JavaScript: Nest needs decorators and their metadata, which Node's own type stripping leaves out.
// The libraries and the command line need no build: Node runs their TypeScript as it is.
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { transform } from '@swc/core';

const root = path.resolve(import.meta.dirname, '..');
const source = path.join(root, 'apps/api/src');
const target = path.join(root, 'apps/api/dist');

const options = {
  jsc: {
    parser: { syntax: 'typescript', decorators: true },
    transform: { legacyDecorator: true, decoratorMetadata: true },
    target: 'es2024',
    keepClassNames: true,
    rewriteRelativeImportExtensions: true,
  },
  module: { type: 'es6' },
  sourceMaps: true,
};

await rm(target, { recursive: true, force: true });
for (const entry of await readdir(source, { recursive: true, withFileTypes: true })) {
  if (!entry.isFile() || !entry.name.endsWith('.ts') || entry.name.endsWith('.test.ts') || entry.name.endsWith('.d.ts')) continue;
  const file = path.join(entry.parentPath, entry.name);
  const out = path.join(target, path.relative(source, file)).replace(/\.ts$/, '.js');
  const { code, map } = await transform(await readFile(file, 'utf8'), { ...options, filename: file, sourceFileName: path.relative(path.dirname(out), file) });
  await mkdir(path.dirname(out), { recursive: true });
  await writeFile(out, `${code}\n//# sourceMappingURL=${path.basename(out)}.map\n`);
  if (map !== undefined) await writeFile(`${out}.map`, map);
}
