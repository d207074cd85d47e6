import { randomUUID } from 'node:crypto';
import { parseArgs } from 'node:util';
import { type Release, ReleaseOrder } from '@wheelhouse/protocol/order';
import type { ApiClient } from '@wheelhouse/sdk/api-client';
import { z } from 'zod';
import { EXIT, type Exit, usage } from '../cli-error.ts';
import type { Settings } from '../settings.ts';
import { API_OPTIONS, withServer } from './connection.ts';

const OPTIONS = { ...API_OPTIONS, reason: { type: 'string' }, id: { type: 'string' } } as const;
type Values = { readonly reason?: string | undefined; readonly id?: string | undefined };

/** `wheelhouse release ask LATCH` and `release confirm RELEASE`. The server refuses a confirmation through a key: that takes a person, in person. */
export async function releaseCommand(args: readonly string[], settings: Settings): Promise<Exit> {
  const { values, positionals } = parseArgs({ args: [...args], options: OPTIONS, allowPositionals: true });
  const [act, id, ...rest] = positionals;
  if (id === undefined || rest.length > 0 || !z.uuid().safeParse(id).success)
    throw usage('release takes "ask" with the id of an order, or "confirm" with the id of a release.');
  const call = callOf(act, id, values);
  const release = await withServer(settings, values, call);
  process.stdout.write(values.json === true ? `${JSON.stringify(release, null, 2)}\n` : textOf(release));
  return EXIT.fine;
}

function callOf(act: string | undefined, id: string, values: Values): (api: ApiClient) => Promise<Release> {
  switch (act) {
    case 'ask': {
      const order = ReleaseOrder.safeParse({ id: values.id ?? randomUUID(), kind: 'release', latch: id, reason: values.reason });
      if (!order.success) throw usage('release ask needs --reason, in at most 500 characters.');
      return (api) => api.askRelease(order.data);
    }
    case 'confirm':
      return (api) => api.confirmRelease(id);
    default:
      throw usage(`release takes "ask" or "confirm", not "${act ?? ''}".`);
  }
}

function textOf(release: Release): string {
  switch (release.state) {
    case 'waiting':
      return `Release ${release.id} of latch ${release.latch} is asked for by ${release.askedByName}. Another person has to confirm it in the console.\n`;
    case 'confirmed':
      return `Release ${release.id} is confirmed: latch ${release.latch} is open.\n`;
    case 'withdrawn':
      return `Release ${release.id} was withdrawn; latch ${release.latch} stays.\n`;
  }
}
