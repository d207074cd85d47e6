import { z } from 'zod';
import { UpstreamSettings } from './upstream-settings.ts';

/** The one line of JSON that an engine process is given on its standard input: neither its arguments nor its environment may hold a key. */
export const EngineSecrets = z.strictObject({ upstream: UpstreamSettings });
export type EngineSecrets = z.infer<typeof EngineSecrets>;

/** Longest such line, in characters; most of it certificates. */
const LONGEST_LINE = 400_000;
const WITHIN_MS = 10_000;

/** Reads the line. @throws Error when it does not come within ten seconds, is too long, or is not what it has to be (never saying what it is). */
export function readEngineSecrets(input: NodeJS.ReadableStream): Promise<EngineSecrets> {
  return new Promise((resolve, reject) => {
    let text = '';
    const timer = setTimeout(() => {
      done(new Error('the settings of the upstream did not come on the standard input within 10 s'));
    }, WITHIN_MS);
    const done = (outcome: EngineSecrets | Error): void => {
      clearTimeout(timer);
      input.off('data', read);
      if (outcome instanceof Error) reject(outcome);
      else resolve(outcome);
    };
    const read = (chunk: Buffer | string): void => {
      text += chunk.toString();
      const end = text.indexOf('\n');
      if (end === -1 && text.length > LONGEST_LINE) done(new Error('the settings of the upstream are too long'));
      if (end !== -1) done(parsed(text.slice(0, end)));
    };
    input.on('data', read);
  });
}

function parsed(line: string): EngineSecrets | Error {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return new Error('the settings of the upstream are not JSON');
  }
  const secrets = EngineSecrets.safeParse(value);
  if (secrets.success) return secrets.data;
  const fields = secrets.error.issues.map(({ path }) => path.map(String).join('.'));
  return new Error(`the settings of the upstream cannot be used: ${fields.join(', ')}`);
}
