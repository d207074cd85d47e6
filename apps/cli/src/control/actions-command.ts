import { randomUUID } from 'node:crypto';
import { parseArgs } from 'node:util';
import { type Action, ActionCheck, type ActionChecked, ActionRequest, ActionState } from '@wheelhouse/protocol/action';
import { ActionClient } from '@wheelhouse/sdk/action-client';
import { everyItem } from '@wheelhouse/sdk/every-item';
import { z } from 'zod';
import { EXIT, type Exit, failed, usage } from '../cli-error.ts';
import type { Settings } from '../settings.ts';
import { API_OPTIONS, withConnection } from './connection.ts';

const text = { type: 'string' } as const;
const OPTIONS = {
  ...API_OPTIONS,
  ...{ state: text, session: text, arguments: text, agent: text, reason: text, expires: text, id: text },
  wait: { type: 'boolean' },
} as const;

type Values = Readonly<Partial<Record<'state' | 'session' | 'arguments' | 'agent' | 'reason' | 'expires' | 'id', string | undefined>>> & {
  readonly wait?: boolean | undefined;
};
/** What was answered, as text for people and as it came, and what the process ends with. */
type Said = { readonly answer: unknown; readonly text: string; readonly exit: Exit };
type Act = (client: ActionClient) => Promise<Said>;

/** `wheelhouse actions`: asks whether something may be done, and follows what becomes of it, as an API key may. Deciding is for people. */
export async function actionsCommand(args: readonly string[], settings: Settings): Promise<Exit> {
  const { values, positionals } = parseArgs({ args: [...args], options: OPTIONS, allowPositionals: true });
  const act = actOf(positionals, values);
  const said = await withConnection(settings, values, ({ url, key }) => act(new ActionClient(url, { key })));
  process.stdout.write(values.json === true ? `${JSON.stringify(said.answer, null, 2)}\n` : said.text);
  return said.exit;
}

function actOf([act = 'list', ...rest]: readonly string[], values: Values): Act {
  switch (act) {
    case 'list':
      if (rest.length > 0) throw usage('actions list takes no further words.');
      return listing(values);
    case 'show':
      return on(act, rest, async (client, id) => told(await client.action(id)));
    case 'wait':
      return on(act, rest, async (client, id) => answered(await client.waitFor(id)));
    case 'withdraw':
      return on(act, rest, async (client, id) => told(await client.withdraw(id)));
    case 'ask':
      return asking(rest, values);
    case 'check':
      return checking(rest, values);
    case 'approve':
    case 'edit':
    case 'answer':
    case 'reject':
      throw failed(
        `A key never decides: people who signed in do, in the console under Actions. There is no "actions ${act}" for that reason.`,
      );
    default:
      throw usage(`actions takes list, show, ask, wait, check or withdraw, not "${act}".`);
  }
}

/** An act on the one action that is named. */
function on(act: string, [id, ...rest]: readonly string[], work: (client: ActionClient, id: string) => Promise<Said>): Act {
  const uuid = z.uuid().safeParse(id);
  if (!uuid.success || rest.length > 0) throw usage(`actions ${act} takes the id of one action.`);
  return (client) => work(client, uuid.data);
}

function listing({ state, session }: Values): Act {
  if (state !== undefined && !ActionState.safeParse(state).success) throw usage(`--state takes one of ${ActionState.options.join(', ')}.`);
  const filter = { limit: '100', ...(state === undefined ? {} : { state }), ...(session === undefined ? {} : { session }) };
  return async (client) => {
    const answer: Action[] = [];
    for await (const action of everyItem((query) => client.actions(query), filter)) answer.push(action);
    return { answer, text: answer.length === 0 ? 'No actions.\n' : answer.map((one) => `${lineOf(one)}\n`).join(''), exit: EXIT.fine };
  };
}

function asking([tool, ...rest]: readonly string[], values: Values): Act {
  if (tool === undefined || rest.length > 0) throw usage('actions ask takes the name of one tool.');
  const { agent, reason, session, expires, wait = false } = values;
  const request = ActionRequest.safeParse({
    id: values.id ?? randomUUID(),
    tool,
    arguments: jsonOf(values.arguments),
    ...(agent === undefined ? {} : { agent }),
    ...(reason === undefined ? {} : { reason }),
    ...(session === undefined ? {} : { session }),
    ...(expires === undefined ? {} : { expiresInSeconds: Number(expires) }),
  });
  if (!request.success) throw usage(request.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('\n'));
  return async (client) => {
    const asked = await client.ask(request.data);
    return answered(wait && asked.state === 'pending' ? await client.waitFor(asked.id) : asked);
  };
}

function checking([id, tool, ...rest]: readonly string[], values: Values): Act {
  const call = ActionCheck.safeParse({ tool, arguments: jsonOf(values.arguments) });
  if (!call.success || rest.length > 0) throw usage('actions check takes the id of an action and the name of its tool.');
  return on('check', [id ?? ''], async (client, uuid) => {
    const answer: ActionChecked = await client.check(uuid, call.data);
    return { answer, text: `It may be done now, once (${answer.usedAt}).\n`, exit: EXIT.fine };
  });
}

function jsonOf(given: string | undefined): unknown {
  if (given === undefined) throw usage(`--arguments is needed: JSON such as '{"order":"A-17"}', or null for none.`);
  try {
    return JSON.parse(given);
  } catch (error) {
    throw usage(`--arguments is not JSON: ${error instanceof Error ? error.message : ''}`);
  }
}

function told(action: Action): Said {
  return { answer: action, text: detailsOf(action), exit: EXIT.fine };
}

/** Who asks does what it asked for, or nothing: an edit is a no to exactly that. */
function answered(action: Action): Said {
  return { ...told(action), exit: action.state === 'allowed' || action.state === 'approved' ? EXIT.fine : EXIT.fault };
}

function lineOf({ id, state, askedAt, tool, agent, askedByName }: Action): string {
  return `${id}  ${state.padEnd(9)}  ${askedAt}  ${tool}  ${agent === '' ? askedByName : `${agent} (${askedByName})`}`;
}

function detailsOf(action: Action): string {
  const lines = [
    lineOf(action),
    `  arguments ${JSON.stringify(action.arguments)}`,
    ...(action.reason === '' ? [] : [`  for the reason: ${action.reason}`]),
    ...action.because.map(({ policy, reason }) => `  ${policy}: ${reason}`),
    ...(action.state === 'pending' ? [`  a human decides, until ${action.expiresAt}`] : []),
    ...(action.decidedByName === null ? [] : [`  decided by ${action.decidedByName}: ${action.decidedReason}`]),
    ...(action.edited === null ? [] : [`  may be done with other arguments: ${JSON.stringify(action.edited.arguments)}`]),
    ...(action.answer === null ? [] : [`  answered in its place: ${action.answer}`]),
    ...(action.usedAt === null ? [] : [`  done ${action.usedAt}`]),
  ];
  return `${lines.join('\n')}\n`;
}
