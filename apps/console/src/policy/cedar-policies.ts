/** One policy of a Cedar file, with what its annotations say. `text` is the statement as it stands there, without what stands between statements. */
export type CedarPolicy = {
  readonly id: string;
  readonly effect: 'permit' | 'forbid';
  /** `@reason`, in its author's words; empty where there is none. */
  readonly reason: string;
  /** What it answers where it applies: `@verdict`, else allow or deny. */
  readonly verdict: string;
  readonly text: string;
};

const ANNOTATION = /@(\w+)\(\s*"((?:[^"\\]|\\.)*)"\s*\)/g;
const TOKEN = /\/\/[^\n]*|"(?:[^"\\]|\\.)*"|;|[^/";]+|[/"]/g;

/** The policies of a file, in order. What is no policy (a comment at the end) is left out; whether it is sound, the server says. */
export function cedarPolicies(file: string): CedarPolicy[] {
  return statements(file).flatMap((text, i) => {
    const annotations = new Map([...text.matchAll(ANNOTATION)].map(([, name = '', value = '']) => [name, unescaped(value)]));
    const effect = /\b(permit|forbid)\s*\(/.exec(text.replaceAll(ANNOTATION, ''))?.[1];
    if (effect !== 'permit' && effect !== 'forbid') return [];
    return [
      {
        id: annotations.get('id') ?? `policy ${i + 1}`,
        effect,
        reason: annotations.get('reason') ?? '',
        verdict: annotations.get('verdict') ?? (effect === 'permit' ? 'allow' : 'deny'),
        text,
      },
    ];
  });
}

/** Splits at the semicolons that are in no string and no comment. A comment before a statement is no part of it. */
function statements(file: string): string[] {
  const found: string[] = [];
  let text = '';
  for (const [token] of file.matchAll(TOKEN)) {
    if (token.startsWith('//') && text.trim() === '') continue;
    text += token;
    if (token !== ';') continue;
    found.push(text.trim());
    text = '';
  }
  return found;
}

function unescaped(text: string): string {
  return text.replaceAll(/\\(.)/g, '$1');
}
