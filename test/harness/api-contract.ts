import { z } from 'zod';

const Media = z.object({ schema: z.record(z.string(), z.unknown()).optional() });
const Content = z.record(z.string(), Media);
const Operation = z.object({
  summary: z.string().min(5),
  parameters: z
    .array(z.object({ name: z.string(), in: z.enum(['path', 'query', 'header']), required: z.boolean().optional() }))
    .default([]),
  requestBody: z.object({ content: Content }).optional(),
  responses: z.record(z.string(), z.object({ description: z.string(), content: Content.optional() })),
  security: z.array(z.record(z.string(), z.array(z.string()))).optional(),
});
export type Operation = z.infer<typeof Operation>;

const Document = z.object({
  openapi: z.string().regex(/^3\.1\.\d+$/),
  security: z.array(z.record(z.string(), z.array(z.string()))).min(1),
  paths: z.record(z.string(), z.record(z.string().regex(/^(get|post|put|patch|delete)$/), Operation)),
  components: z.object({
    schemas: z.record(z.string(), z.record(z.string(), z.unknown())),
    securitySchemes: z.record(z.string(), z.object({ type: z.string() })),
  }),
});

export type Route = { readonly method: string; readonly path: string; readonly operation: Operation };

/** One request and its answer as they went over the wire. `body` undefined: there was none, or it was not JSON. */
export type Exchange = {
  readonly method: string;
  readonly path: string;
  readonly sent: unknown;
  readonly status: number;
  readonly type: string;
  readonly body: unknown;
};

const SHARED = '#/components/schemas/';

/** The OpenAPI document of a server, and what it says of what really went over the wire. Throws where it is no OpenAPI 3.1. */
export class ApiContract {
  readonly document: z.infer<typeof Document>;
  readonly routes: readonly Route[];
  readonly #schemas = new Map<unknown, z.ZodType>();

  constructor(json: unknown) {
    this.document = Document.parse(json);
    this.routes = Object.entries(this.document.paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, operation]) => ({ method: method.toUpperCase(), path, operation })),
    );
  }

  /** The route of an address; null where none is documented. Literal addresses go before those with parameters. */
  route(method: string, path: string): Route | null {
    const own = this.routes.filter((route) => route.method === method && pattern(route.path).test(path));
    return own.sort((one, other) => one.path.split('{').length - other.path.split('{').length)[0] ?? null;
  }

  /** A schema of the document as something that parses. */
  schema(json: Record<string, unknown>): z.ZodType {
    const known = this.#schemas.get(json);
    if (known !== undefined) return known;
    const whole: unknown = JSON.parse(JSON.stringify({ ...json, $defs: this.document.components.schemas }).replaceAll(SHARED, '#/$defs/'));
    const parsing = z.fromJSONSchema(z.record(z.string(), z.json()).parse(whole), { defaultTarget: 'draft-2020-12' });
    this.#schemas.set(json, parsing);
    return parsing;
  }

  /** What is not as the document says; null where all is. */
  fault({ method, path, sent, status, type, body }: Exchange): string | null {
    const route = this.route(method, path);
    const what = `${method} ${path} -> ${status} ${type}`;
    if (route === null) return status === 404 ? null : `${what}: not documented`;
    const { responses, requestBody } = route.operation;
    if (status < 400 && !(status in responses)) return `${what}: a status that is not documented`;
    const { content } = responses[status] ?? responses['default'] ?? {};
    const media = Object.entries(content ?? {}).find(([name]) => type.startsWith(name) || name === 'application/octet-stream')?.[1];
    if (content !== undefined && media === undefined)
      return `${what}: a media type that is not documented (${Object.keys(content).join()})`;
    if (content === undefined && (body !== undefined || type !== '')) return `${what}: an answer where none is documented`;
    const answered = media?.schema === undefined || body === undefined ? null : this.#misfit(media.schema, body);
    if (answered !== null) return `${what}: ${answered}`;
    const asked = requestBody?.content['application/json']?.schema;
    const misfit = asked === undefined || sent === undefined || status >= 400 ? null : this.#misfit(asked, sent);
    return misfit === null ? null : `${what}: was accepted, but ${misfit}`;
  }

  #misfit(schema: Record<string, unknown>, value: unknown): string | null {
    const parsed = this.schema(schema).safeParse(value);
    return parsed.success ? null : z.prettifyError(parsed.error).slice(0, 500);
  }
}

function pattern(path: string): RegExp {
  return new RegExp(
    `^${path
      .replace(/[.]/g, '\\.')
      .replace(/\{path\}/g, '.+')
      .replace(/\{\w+\}/g, '[^/]+')}$`,
  );
}

/** Keeps everything that this process's `fetch` exchanges with the server at `url`, until it is told to stop. */
export function overhear(url: () => string, exchanges: Exchange[]): () => void {
  const plain = globalThis.fetch;
  globalThis.fetch = async (input, init) => {
    const answer = await plain(input, init);
    const address = new URL(input instanceof Request ? input.url : input);
    if (address.origin !== url()) return answer;
    const type = answer.headers.get('content-type') ?? '';
    const text = /json/.test(type) ? await answer.clone().text() : '';
    const sent: unknown = typeof init?.body === 'string' ? jsonOf(init.body) : undefined;
    const method = init?.method ?? 'GET';
    exchanges.push({ method, path: address.pathname, sent, status: answer.status, type, body: text === '' ? undefined : jsonOf(text) });
    return answer;
  };
  return () => {
    globalThis.fetch = plain;
  };
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
