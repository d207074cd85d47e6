/** Where this installation is reached, as the reader's browser reaches it. `stream`: ws or wss, up to `/v1`. */
export type Addresses = { readonly api: string; readonly stream: string };

/** A quickstart as docs/quickstart has it. `scope`: what its key needs; null where it takes none. */
export type Quickstart = {
  readonly id: string;
  readonly title: string;
  readonly lead: string;
  readonly scope: string | null;
  readonly language: 'sh' | 'js';
  readonly text: string;
};

const LOOPBACK = /^(localhost|127(\.\d+){3}|\[::1\])$/;
const SHAPE = /^# (?<title>.+)\n\n(?<lead>.+)\n\nScope: (?:`(?<scope>[\w:]+)`|none)\n\n```(?<language>sh|js)\n(?<text>[^]+?)\n```\n$/;

/** Reads a file of docs/quickstart. Throws where it is not a heading, a sentence or two on one line, its scope and one block of code. */
export function quickstartOf(id: string, markdown: string): Quickstart {
  const { title, lead, scope = null, language, text } = SHAPE.exec(markdown)?.groups ?? {};
  if (title === undefined || lead === undefined || text === undefined || (language !== 'sh' && language !== 'js'))
    throw new Error(`docs/quickstart/${id}.md is not shaped as the others are.`);
  return { id, title, lead, scope, language, text };
}

/** The text with this installation's addresses in place of those of one that runs on the reader's own machine. */
export function filled(text: string, { api, stream }: Addresses): string {
  return text
    .replaceAll('http://localhost:7400', api)
    .replaceAll('ws://localhost:7401/v1', stream)
    .replaceAll('https://localhost:7401/v1', stream.replace(/^wss?:/, 'https:'));
}

/**
 * `streamUrl` is the server's word for where sessions are attached to. Unless it was told its name (WHEELHOUSE_STREAM_URL) it only knows the loopback one: whoever
 * reads the page from elsewhere reaches that port under the page's name.
 */
export function addressesOf(page: { readonly origin: string; readonly hostname: string }, streamUrl: string): Addresses {
  const stream = new URL(streamUrl);
  if (LOOPBACK.test(stream.hostname) && !LOOPBACK.test(page.hostname)) stream.hostname = page.hostname;
  return { api: page.origin, stream: stream.href.replace(/\/stream$/, '') };
}
