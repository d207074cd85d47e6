import { randomUUID } from 'node:crypto';
import { parseArgs } from 'node:util';
import { type OrderAck, RestrictiveOrder } from '@wheelhouse/protocol/order';
import { scopeInWords } from '@wheelhouse/protocol/scope';
import { EXIT, type Exit, usage } from '../cli-error.ts';
import type { Settings } from '../settings.ts';
import { API_OPTIONS, withServer } from './connection.ts';

const STOP_OPTIONS = { ...API_OPTIONS, reason: { type: 'string' }, id: { type: 'string' } } as const;
const OPTIONS = { ...STOP_OPTIONS, scope: { type: 'string' }, level: { type: 'string' }, text: { type: 'string' } } as const;

const SCOPES = 'session:ID, deployment:NAME, model:NAME, tenant:NAME, level:N or everything';

/** `wheelhouse order KIND`: gives a restrictive order. The same `--id` again repeats the first answer and does nothing twice. */
export async function orderCommand(args: readonly string[], settings: Settings): Promise<Exit> {
  const { values, positionals } = parseArgs({ args: [...args], options: OPTIONS, allowPositionals: true });
  const [kind, ...rest] = positionals;
  if (kind === undefined || rest.length > 0) throw usage('order takes one kind: hold, mute, stop, take_over, level or whisper.');
  if (values.scope === undefined) throw usage(`order needs --scope: ${SCOPES}.`);
  return give({ ...values, kind, scope: values.scope }, settings);
}

/** `wheelhouse stop SCOPE`: the order that has to be quick to type. */
export async function stopCommand(args: readonly string[], settings: Settings): Promise<Exit> {
  const { values, positionals } = parseArgs({ args: [...args], options: STOP_OPTIONS, allowPositionals: true });
  const [scope, ...rest] = positionals;
  if (scope === undefined || rest.length > 0) throw usage(`stop takes one scope: ${SCOPES}.`);
  return give({ ...values, kind: 'stop', scope }, settings);
}

type Given = { readonly [Name in keyof typeof OPTIONS]?: string | boolean | undefined } & {
  readonly url?: string | undefined;
  readonly key?: string | undefined;
  readonly kind: string;
  readonly scope: string;
};

async function give({ kind, ...values }: Given, settings: Settings): Promise<Exit> {
  const order = RestrictiveOrder.safeParse({
    id: values.id ?? randomUUID(),
    kind: kind.replace('-', '_'),
    scope: scopeOf(values.scope),
    ...(values.reason === undefined ? {} : { reason: values.reason }),
    ...(values.level === undefined ? {} : { level: Number(values.level) }),
    ...(values.text === undefined ? {} : { text: values.text }),
  });
  if (!order.success) throw usage(order.error.issues.map((issue) => `${issue.path.join('.') || 'order'}: ${issue.message}`).join('\n'));
  const ack = await withServer(settings, values, (api) => api.order(order.data));
  process.stdout.write(values.json === true ? `${JSON.stringify(ack, null, 2)}\n` : ackText(ack));
  return EXIT.fine;
}

/** `session:ID`, `level:3`, `everything` as a scope; what it says beyond that is for the protocol's own check. */
export function scopeOf(text: string): unknown {
  const colon = text.indexOf(':');
  const type = colon < 0 ? text : text.slice(0, colon);
  const value = colon < 0 ? '' : text.slice(colon + 1);
  if (type === 'everything' && colon < 0) return { type };
  if (type === 'level') return { type, atLeast: Number(value) };
  return { type, [type]: value };
}

function ackText(ack: OrderAck): string {
  const lines = [
    `Order number ${ack.number}: ${ack.kind} on ${scopeInWords(ack.scope)}${ack.repeated ? ' (given before; nothing was done twice)' : ''}`,
    `  id ${ack.order}`,
    `  gates closed ${ack.gateClosedUs} µs after it arrived, in ${ack.sessions.length} ${ack.sessions.length === 1 ? 'session' : 'sessions'}`,
    ...ack.sessions.map(
      ({ session, tick, lastSequence, settled }) =>
        `  ${session}: tick ${tick}, last frame out #${lastSequence}${settled ? '' : ' (still under way)'}`,
    ),
  ];
  return `${lines.join('\n')}\n`;
}
