import { readFileSync } from 'node:fs';
import path from 'node:path';

const DOCS = path.resolve(import.meta.dirname, '../../docs');

/** The blocks of TypeScript on a page of the documentation, in order, as they stand there. */
export function fragmentsOf(page: string): string[] {
  return [...readFileSync(path.join(DOCS, page), 'utf8').matchAll(/^```ts\n([^]+?)\n```$/gm)].map(([, text]) => text ?? '');
}
