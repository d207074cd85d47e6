import { parseArgs } from 'node:util';
import { z } from 'zod';
import { causeOf, CliError, EXIT, failed, type Exit, usage } from '../cli-error.ts';
import type { Settings } from '../settings.ts';
import { verifyBundleCommand } from './bundle/bundle-command.ts';
import { openLog, readCheckpointFile, readCosignedFile, readVerifierKey, readWitnessKeys } from './log-source.ts';
import type { Report } from './report.ts';
import { reportText } from './report-text.ts';
import { verifyLog } from './verify-log.ts';

const OPTIONS = {
  session: { type: 'string' },
  key: { type: 'string' },
  'key-file': { type: 'string' },
  witness: { type: 'string', multiple: true },
  json: { type: 'boolean' },
} as const;

/** `wheelhouse verify`: proves the record, or an exported bundle of it, or says what is wrong with it. */
export async function verifyCommand(args: readonly string[], settings: Settings): Promise<Exit> {
  const { values, positionals } = parseArgs({ args: [...args], options: OPTIONS, allowPositionals: true });
  const [file, second] = positionals;
  if (second !== undefined) throw usage(`verify takes one bundle at a time; ${second} is one too many.`);
  if (file !== undefined && values.session !== undefined) throw usage('--session walks a session of the database, not of a bundle.');
  if (file === undefined && values.key !== undefined)
    throw usage('--key is for a bundle: name its file, or give --key-file for the database.');
  const keys = { key: values.key ?? null, keyFile: values['key-file'] ?? null, witnesses: values.witness ?? [] };
  if (file !== undefined) return verifyBundleCommand({ file, ...keys, json: values.json === true }, settings);
  const session = values.session === undefined ? null : z.uuid().safeParse(values.session.toLowerCase());
  if (session?.success === false) throw usage(`--session takes the id of a session, not "${values.session ?? ''}".`);
  const report = await verify(settings, {
    session: session?.data ?? null,
    keyFile: values['key-file'] ?? null,
    witnesses: values.witness ?? [],
  });
  process.stdout.write(values.json === true ? `${JSON.stringify(report, null, 2)}\n` : reportText(report));
  if (!report.ok) process.stderr.write('VERIFICATION FAILED\n');
  return report.ok ? EXIT.fine : EXIT.fault;
}

/** Finds the log, verifies it, and leaves everything as it was. */
export async function verify(
  settings: Settings,
  options: { readonly session: string | null; readonly keyFile: string | null; readonly witnesses?: readonly string[] },
): Promise<Report> {
  const key = readVerifierKey(settings, options.keyFile);
  const witnesses = readWitnessKeys(settings, options.witnesses ?? []);
  const source = await openLog(settings);
  try {
    const checkpoint = readCheckpointFile(settings);
    const cosigned = { checkpoint: readCosignedFile(settings), witnesses };
    const progress = progressLine();
    const { client, live } = source;
    return await verifyLog({ client, key, checkpoint, cosigned, live, now: new Date(), session: options.session, onProgress: progress });
  } catch (error) {
    if (error instanceof CliError) throw error;
    if (isDamage(error))
      throw new CliError(
        EXIT.fault,
        `VERIFICATION FAILED: PostgreSQL itself found the database's files damaged: ${causeOf(error)}.`,
        error,
      );
    throw failed(`The database of ${source.from} could not be read to its end`, causeOf(error));
  } finally {
    await source.close();
  }
}

/** PostgreSQL's `data_corrupted` and `index_corrupted`: a page whose checksum does not fit, for example after a byte of its file was changed. */
function isDamage(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'XX001' || error.code === 'XX002');
}

/** Shows how far it is, on a terminal and in a log that takes longer than a page. */
function progressLine(): (done: number, of: number) => void {
  if (!process.stderr.isTTY) return () => undefined;
  return (done, of) => {
    if (of <= 4000) return;
    process.stderr.write(done >= of ? '\r\x1b[K' : `\r${done} of ${of} entries verified (${Math.floor((100 * done) / of)} %)`);
  };
}
