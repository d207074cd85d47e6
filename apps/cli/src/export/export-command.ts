import path from 'node:path';
import { parseArgs } from 'node:util';
import { type Export, ExportRequest } from '@wheelhouse/protocol/export';
import type { ApiClient } from '@wheelhouse/sdk/api-client';
import { z } from 'zod';
import { EXIT, type Exit, failed, usage } from '../cli-error.ts';
import { API_OPTIONS, withServer } from '../control/connection.ts';
import type { Settings } from '../settings.ts';
import { download } from './download.ts';
import { ProgressLine } from './progress-line.ts';

const FILTERS = ['from', 'to', 'session', 'person', 'kind', 'without', 'deployment'] as const;
const text = { type: 'string' } as const;
const OPTIONS = {
  ...API_OPTIONS,
  ...{ format: text, report: text, profile: text, reason: text, out: text, resume: text },
  ...{ from: text, to: text, session: text, person: text, kind: text, without: text, deployment: text },
} as const;

type Values = { readonly [Name in keyof typeof OPTIONS]?: string | boolean | undefined };

const LOOK_EVERY_MS = 500;

/** `wheelhouse export`: asks for an export, shows how far it is, downloads it, and checks that what arrived is what the ledger says was made. */
export async function exportCommand(args: readonly string[], settings: Settings): Promise<Exit> {
  const { values } = parseArgs({ args: [...args], options: OPTIONS });
  const begin = beginning(values);
  const progress = new ProgressLine(process.stderr, values.json === true);
  const done = await withServer(settings, values, async (api) => {
    const made = await waitFor(api, await begin(api), progress);
    const file = path.resolve(values.out ?? made.export.fileName);
    const bytes = await download({ link: async () => (await api.exportLink(made.export.id)).url, made: made.made, file, progress });
    return { export: made.export, file, bytes };
  });
  process.stdout.write(values.json === true ? `${JSON.stringify(done, null, 2)}\n` : doneText(done.export, done.file));
  return EXIT.fine;
}

/** Asks for a new export, or takes up one from before. */
function beginning(values: Values): (api: ApiClient) => Promise<Export> {
  if (values.resume !== undefined) {
    const id = z.uuid().safeParse(values.resume);
    if (!id.success) throw usage('--resume takes the id of an export.');
    return (api) => api.export(id.data);
  }
  const given = FILTERS.flatMap((name): [string, unknown][] => (values[name] === undefined ? [] : [[name, values[name]]]));
  const request = ExportRequest.safeParse({
    format: values.format ?? 'bundle',
    ...(values.report === undefined ? {} : { report: values.report }),
    profile: values.profile ?? 'no-words',
    filter: { ...Object.fromEntries(given), ...times(values) },
    reason: values.reason ?? '',
  });
  if (values.reason === undefined) throw usage('export needs --reason: it is recorded who took what out of the house, and why.');
  if (!request.success)
    throw usage(request.error.issues.map((issue) => `--${issue.path.at(-1)?.toString() ?? ''}: ${issue.message}`).join('\n'));
  return (api) => api.askExport(request.data);
}

/** Times as people write them (`2026-11-01`, `2026-11-01T08:00`) as the interface takes them: in UTC. */
function times({ from, to }: Values): { from?: string; to?: string } {
  const read = (option: string, value: string | boolean | undefined): object => {
    if (value === undefined) return {};
    const ms = Date.parse(/^\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d)?$/.test(String(value)) ? `${String(value)}Z` : String(value));
    if (Number.isNaN(ms)) throw usage(`--${option} takes a time in UTC such as 2026-11-01 or 2026-11-01T08:00:00Z.`);
    return { [option]: new Date(ms).toISOString() };
  };
  return { ...read('from', from), ...read('to', to) };
}

type Made = { readonly export: Export; readonly made: NonNullable<Export['made']> };

async function waitFor(api: ApiClient, asked: Export, progress: ProgressLine): Promise<Made> {
  for (let one = asked; ; one = await api.export(asked.id)) {
    switch (one.state) {
      case 'made':
        if (one.made === null) throw failed(`Export ${one.id} was made, but the server does not say what.`);
        progress.show('making', 1);
        return { export: one, made: one.made };
      case 'waits':
        throw failed(
          `Export ${one.id} shows everything and waits for a second person until ${one.expiresAt ?? ''}. When it is confirmed, go on with:\n  npx wheelhouse export --resume ${one.id}`,
        );
      case 'failed':
        throw failed(`Export ${one.id} failed. ${one.problem?.detail ?? ''}`);
      case 'expired':
        throw failed(`Export ${one.id} has expired. Ask for another.`);
      case 'queued':
      case 'running':
        progress.show('making', one.progress);
        await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
    }
  }
}

function doneText({ format, made }: Export, file: string): string {
  const lines = [
    file,
    `  ${made?.entries ?? 0} entries, ${made?.bytes ?? 0} bytes; what arrived has the digest that the ledger records (SHA-256 ${made?.digest ?? ''})`,
    ...(format === 'bundle'
      ? [`Verify it on any machine, with the log's key from somebody whom you trust:`, `  npx wheelhouse verify ${file}`]
      : ['This format is for reading. To prove the same entries, export them as a bundle.']),
  ];
  return `${lines.join('\n')}\n`;
}
