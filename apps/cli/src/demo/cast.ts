import { randomUUID } from 'node:crypto';
import path from 'node:path';
import { freePort } from '@wheelhouse/installation/free-port';
import { endServerProcess, startServerProcess } from '@wheelhouse/installation/server-process';
import { ApiClient } from '@wheelhouse/sdk/api-client';

const ROOT = path.resolve(import.meta.dirname, '../../../..');

/** Who takes part in the demonstration: the operator on watch, and a second person where there is one to confirm a release. */
export type Cast = {
  readonly url: string;
  readonly operator: ApiClient;
  readonly second: ApiClient | null;
  readonly leave: () => Promise<void>;
};

/** The cast of a system that runs already, as the holder of an API key. Keys never confirm, so there is no second person. */
export function castOfRunningSystem(url: string, key: string): Cast {
  return { url, operator: new ApiClient(url, { key }), second: null, leave: () => Promise.resolve() };
}

/** A system of the demonstration's own, in a data folder of its own, with two people signed in. */
export async function castOfOwnSystem(): Promise<Cast> {
  const port = await freePort();
  const env = {
    WHEELHOUSE_PORT: String(port),
    WHEELHOUSE_STREAM_PORT: String(await freePort()),
    WHEELHOUSE_DATA: path.join(ROOT, '.wheelhouse', 'demo'),
    WHEELHOUSE_LOG: 'warn',
  };
  const { child, link } = await startServerProcess(ROOT, env);
  const leave = async () => {
    await endServerProcess(child);
  };
  try {
    if (link === null) throw new Error('The demonstration has been signed into by a person; delete .wheelhouse/demo and try again.');
    const url = `http://localhost:${port}`;
    const operator = await signIn(url, link);
    const invite = await operator.invite({ name: 'Second operator', email: `second-${randomUUID()}@wheelhouse.local`, role: 'operator' });
    return { url, operator, second: await signIn(url, invite.link), leave };
  } catch (error) {
    await leave();
    throw error;
  }
}

async function signIn(url: string, link: string): Promise<ApiClient> {
  const response = await fetch(link, { redirect: 'manual' });
  const cookie = response.headers.getSetCookie().map((one) => one.split(';')[0] ?? '');
  return new ApiClient(url, { cookie: cookie.join('; ') });
}
