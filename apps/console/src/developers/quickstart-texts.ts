/** Where this installation is reached, as the reader's browser reaches it. */
export type Addresses = { readonly api: string; readonly stream: string; readonly deployment: string };

export type Example = { readonly id: string; readonly title: string; readonly lead: string; readonly scope: string; readonly text: string };

/** The address of the page and the stream port beside it. Both ports speak TLS, or neither does. */
export function addressesOf(
  location: { readonly origin: string; readonly protocol: string; readonly hostname: string },
  streamPort: number,
  deployment: string,
): Addresses {
  return { api: location.origin, stream: `${location.protocol}//${location.hostname}:${streamPort}`, deployment };
}

/** Examples that run as they are, with a key in WHEELHOUSE_KEY. */
export function examplesFor({ api, stream, deployment }: Addresses): Example[] {
  const post = (path: string, body: unknown) =>
    `curl -X POST '${api}${path}' \\\n  -H "authorization: Bearer $WHEELHOUSE_KEY" -H 'content-type: application/json' \\\n  -d '${JSON.stringify(body, null, 2)}'`;
  return [
    {
      id: 'curl',
      title: 'curl',
      lead: 'Opens a session. The answer has the address of its stream and a ticket for it.',
      scope: 'sessions:open',
      text: post('/v1/sessions', { deployment, level: 3 }),
    },
    {
      id: 'sdk',
      title: 'TypeScript SDK',
      lead: 'The same from a program; ApiClient has every other call too.',
      scope: 'sessions:open',
      text: `import { ApiClient } from '@wheelhouse/sdk/api-client';

const wheelhouse = new ApiClient('${api}', { key: process.env.WHEELHOUSE_KEY ?? '' });
const { session, url, ticket } = await wheelhouse.openSession({ deployment: '${deployment}', level: 3 });
console.log(session.id, url, ticket);`,
    },
    {
      id: 'realtime',
      title: 'OpenAI Realtime client',
      lead: 'An unmodified client: only its base URL changes, and every answer passes the checkpoints and the gate.',
      scope: 'sessions:open',
      text: realtimeText(stream, deployment),
    },
    {
      id: 'authzen',
      title: 'Decision (AuthZEN)',
      lead: 'Asks policy alone, for callers that enforce by themselves.',
      scope: 'actions:ask',
      text: post('/v1/decisions', {
        subject: { type: 'agent', id: 'support' },
        action: { name: 'tool.call' },
        resource: { type: 'tool', id: 'refund' },
        context: { level: 3 },
      }),
    },
    {
      id: 'action',
      title: 'Action',
      lead: 'Asks for something that a human may have to decide. Send the same id again after a cut.',
      scope: 'actions:ask',
      text: `ID=$(uuidgen | tr A-Z a-z)
curl -X POST '${api}/v1/actions' \\
  -H "authorization: Bearer $WHEELHOUSE_KEY" -H 'content-type: application/json' \\
  -d '{ "id": "'$ID'", "tool": "refund", "arguments": { "order": "A-17", "amount": 12.5 },
        "agent": "Support agent", "reason": "The parcel never arrived." }'

# Wait for the decision, 30 seconds at a time:
curl "${api}/v1/actions/$ID?wait=30" -H "authorization: Bearer $WHEELHOUSE_KEY"`,
    },
  ];
}

/** The openai client always uses wss; without TLS the agents' client takes a ws address. */
function realtimeText(stream: string, deployment: string): string {
  if (stream.startsWith('https:'))
    return `import OpenAI from 'openai';
import { OpenAIRealtimeWS } from 'openai/realtime/ws';

const client = new OpenAI({ apiKey: process.env.WHEELHOUSE_KEY, baseURL: '${stream}/v1' });
const rt = new OpenAIRealtimeWS({ model: '${deployment}' }, client);
rt.on('session.created', () => rt.send({ type: 'response.create' }));
rt.on('response.output_audio_transcript.delta', ({ delta }) => process.stdout.write(delta));`;
  return `import { OpenAIRealtimeWebSocket, RealtimeAgent, RealtimeSession } from '@openai/agents-realtime';

// This installation speaks no TLS yet. OpenAIRealtimeWS of the package openai insists on it; with it, its baseURL is
// ${stream.replace('http:', 'https:')}/v1
const transport = new OpenAIRealtimeWebSocket({
  url: '${stream.replace('http:', 'ws:')}/v1/realtime?model=${encodeURIComponent(deployment)}',
  useInsecureApiKey: true,
});
const session = new RealtimeSession(new RealtimeAgent({ name: 'Helper', instructions: 'Be kind.' }), {
  transport,
  model: '${deployment}',
  tracingDisabled: true,
});
await session.connect({ apiKey: process.env.WHEELHOUSE_KEY });`;
}
