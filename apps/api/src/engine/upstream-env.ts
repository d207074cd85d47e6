import { readFileSync } from 'node:fs';
import { UpstreamSettings } from '@wheelhouse/engine/upstream-settings';
import { ENGINE_KINDS } from '@wheelhouse/protocol/session';

/** An upstream that is offered to sessions as the deployment `name`. */
export type Upstream = { readonly name: string; readonly settings: UpstreamSettings };

/** The environment's part of it. */
export type UpstreamVariables = {
  readonly WHEELHOUSE_UPSTREAM_URL?: string | undefined;
  readonly WHEELHOUSE_UPSTREAM_MODEL?: string | undefined;
  readonly WHEELHOUSE_UPSTREAM_KEY?: string | undefined;
  readonly WHEELHOUSE_UPSTREAM_KEY_FILE?: string | undefined;
  readonly WHEELHOUSE_UPSTREAM_NAME: string;
  readonly WHEELHOUSE_UPSTREAM_CA?: string | undefined;
  readonly WHEELHOUSE_UPSTREAM_TRANSCRIPTION: string;
};

const LOCAL = new Set(['localhost', '127.0.0.1', '[::1]']);

/** The upstream that the settings name; null where they name none. Files are read here, once. @throws Error that names the setting and what to do. */
export function upstreamOf(it: UpstreamVariables): Upstream | null {
  const { WHEELHOUSE_UPSTREAM_URL: url, WHEELHOUSE_UPSTREAM_MODEL: model, WHEELHOUSE_UPSTREAM_NAME: name } = it;
  if (url === undefined) {
    const orphan = (['MODEL', 'KEY', 'KEY_FILE', 'CA'] as const).find((part) => it[`WHEELHOUSE_UPSTREAM_${part}`] !== undefined);
    if (orphan === undefined) return null;
    throw new Error(`WHEELHOUSE_UPSTREAM_${orphan} is set, so WHEELHOUSE_UPSTREAM_URL has to say where the upstream is.`);
  }
  if (model === undefined) throw new Error('WHEELHOUSE_UPSTREAM_URL is set, so WHEELHOUSE_UPSTREAM_MODEL has to name a model of it.');
  if (ENGINE_KINDS.some((kind) => kind !== 'realtime' && kind === name))
    throw new Error(`WHEELHOUSE_UPSTREAM_NAME is ${name}, which is the name of another deployment.`);
  const key = keyOf(it);
  const address = new URL(url);
  if (key !== null && address.protocol === 'ws:' && !LOCAL.has(address.hostname))
    throw new Error(
      'WHEELHOUSE_UPSTREAM_URL begins with ws:, so the key and the conversation would go unencrypted over the network. Use wss:.',
    );
  const ca = it.WHEELHOUSE_UPSTREAM_CA === undefined ? null : contentOf('WHEELHOUSE_UPSTREAM_CA', it.WHEELHOUSE_UPSTREAM_CA);
  const transcription = it.WHEELHOUSE_UPSTREAM_TRANSCRIPTION === 'none' ? null : it.WHEELHOUSE_UPSTREAM_TRANSCRIPTION;
  const settings = UpstreamSettings.safeParse({ url, model, key, ca, transcription });
  if (settings.success) return { name, settings: settings.data };
  const [issue] = settings.error.issues;
  throw new Error(
    `WHEELHOUSE_UPSTREAM_${String(issue?.path[0] ?? 'URL').toUpperCase()} can't be used: ${issue?.message ?? 'it is of no shape'}`,
  );
}

function keyOf({ WHEELHOUSE_UPSTREAM_KEY: key, WHEELHOUSE_UPSTREAM_KEY_FILE: file }: UpstreamVariables): string | null {
  if (key !== undefined && file !== undefined)
    throw new Error('WHEELHOUSE_UPSTREAM_KEY and WHEELHOUSE_UPSTREAM_KEY_FILE are both set; only one of them can be meant.');
  const text = (file === undefined ? (key ?? '') : contentOf('WHEELHOUSE_UPSTREAM_KEY_FILE', file)).trim();
  if (file !== undefined && text === '') throw new Error(`WHEELHOUSE_UPSTREAM_KEY_FILE names ${file}, which is empty.`);
  // It becomes a header: a line break in it would become another.
  if (/[^\x21-\x7e]/.test(text)) throw new Error("The upstream's key has characters that no key has: only visible ASCII, on one line.");
  return text === '' ? null : text;
}

function contentOf(setting: string, file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new Error(`${setting} names ${file}, which can't be read: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    });
  }
}
