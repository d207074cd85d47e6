import { ApiClient } from '@wheelhouse/sdk/api-client';
import { ApiError } from '@wheelhouse/sdk/rest';
import { failed, usage } from '../cli-error.ts';
import { runningServer, type Settings } from '../settings.ts';

/** Options that every command on a running server takes. */
export const API_OPTIONS = { url: { type: 'string' }, key: { type: 'string' }, json: { type: 'boolean' } } as const;

type Given = { readonly url?: string | undefined; readonly key?: string | undefined };

/** Runs `work` with a client of the server that was named, or else of the one that runs here; what goes wrong is told in words. */
export function withServer<T>(settings: Settings, given: Given, work: (api: ApiClient) => Promise<T>): Promise<T> {
  return withConnection(settings, given, ({ url, key }) => work(new ApiClient(url, { key })));
}

/** As `withServer`, for other clients: `work` gets the address and the key. */
export async function withConnection<T>(
  settings: Settings,
  given: Given,
  work: (to: { url: string; key: string }) => Promise<T>,
): Promise<T> {
  const url = given.url ?? runningServer(settings.dataFolder)?.url;
  const key = given.key ?? settings.apiKey;
  if (url === undefined) throw failed(`No server runs in ${settings.dataFolder}. Start it with npm start, or name one with --url.`);
  if (!URL.canParse(url)) throw usage(`--url takes an address such as http://localhost:7400, not "${url}".`);
  if (key === null) throw usage('An API key is needed: set WHEELHOUSE_KEY, or give --key. POST /v1/keys issues one.');
  try {
    return await work({ url, key });
  } catch (error) {
    if (error instanceof ApiError)
      throw failed([error.message, ...(error.problem.errors ?? []).map(({ path, message }) => `  ${path}: ${message}`)].join('\n'));
    if (error instanceof TypeError) throw failed(`${new URL(url).origin} does not answer`, error.cause ?? error);
    throw error;
  }
}
