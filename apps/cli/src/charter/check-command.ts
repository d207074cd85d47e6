import { parseArgs } from 'node:util';
import { analyse, type CoalitionReport } from '@wheelhouse/charter/analyse';
import type { Charter } from '@wheelhouse/charter/charter';
import { parseInstant } from '@wheelhouse/charter/instant';
import { readCharter } from '@wheelhouse/charter/read-charter';
import { EXIT, failed, type Exit, usage } from '../cli-error.ts';
import { readText } from '../settings.ts';
import { coalitionText } from './coalition-text.ts';

const OPTIONS = { json: { type: 'boolean' }, at: { type: 'string' } } as const;

/** `wheelhouse charter check FILE`: the coalition table, and every breach of law 5 with its chain. Ends with 1 on a breach. */
export function checkCommand(args: readonly string[]): Exit {
  const { values, positionals } = parseArgs({ args: [...args], options: OPTIONS, allowPositionals: true });
  const [file, ...rest] = positionals;
  if (file === undefined || rest.length > 0) throw usage('charter check takes one file.');
  const from = values.at === undefined ? Date.now() : parseInstant(values.at);
  if (from === null) throw usage(`--at takes a date such as 2026-01-31, not "${values.at ?? ''}".`);
  const charter = parseCharter(file, readText(file));
  const report = analyse(charter, { from });
  process.stdout.write(values.json === true ? `${JSON.stringify(report, null, 2)}\n` : coalitionText(charter, report));
  return exitOf(report);
}

export function exitOf(report: CoalitionReport): Exit {
  return report.breaches.length === 0 ? EXIT.fine : EXIT.fault;
}

/** The charter of a file's text; a `CliError` that names each fault with its line where it has any. */
export function parseCharter(file: string, text: string): Charter {
  const reading = readCharter(text);
  if (reading.ok) return reading.charter;
  const faults = reading.faults.map(({ path, line, message }) => {
    const place = line === null ? file : `${file}:${line}`;
    return `${place}: ${path.length === 0 ? '' : `${path.map(String).join(' > ')}: `}${message}`;
  });
  throw failed(faults.join('\n'));
}
