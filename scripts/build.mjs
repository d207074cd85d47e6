// Compiles apps/api to JavaScript: Nest needs decorators and their metadata, which Node's own type stripping leaves out.
// The libraries and the command line need no build: Node runs their TypeScript as it is.
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import ts from 'typescript';

const root = path.resolve(import.meta.dirname, '..');
const source = path.join(root, 'apps/api/src');
const target = path.join(root, 'apps/api/dist');

/** File by file, without type checks: those are `npm run check`'s. */
const compilerOptions = {
  target: ts.ScriptTarget.ES2024,
  module: ts.ModuleKind.ESNext,
  experimentalDecorators: true,
  emitDecoratorMetadata: true,
  verbatimModuleSyntax: true,
  rewriteRelativeImportExtensions: true,
  sourceMap: true,
};

await rm(target, { recursive: true, force: true });
for (const entry of await readdir(source, { recursive: true, withFileTypes: true })) {
  if (!entry.isFile() || !entry.name.endsWith('.ts') || entry.name.endsWith('.test.ts')) continue;
  const file = path.join(entry.parentPath, entry.name);
  const out = path.join(target, path.relative(source, file)).replace(/\.ts$/, '.js');
  const fileName = path.relative(path.dirname(out), file);
  const { outputText, sourceMapText } = ts.transpileModule(await readFile(file, 'utf8'), { compilerOptions, fileName });
  await mkdir(path.dirname(out), { recursive: true });
  await writeFile(out, outputText);
  if (sourceMapText !== undefined) await writeFile(`${out}.map`, sourceMapText);
}
