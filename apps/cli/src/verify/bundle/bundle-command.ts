import { createHash } from 'node:crypto';
import { existsSync, openAsBlob, statSync } from 'node:fs';
import path from 'node:path';
import { openApprovalAudit } from '@wheelhouse/charter/approval-audit';
import type { NewDigest } from '@wheelhouse/ledger/bundle-digest';
import type { BundleReport } from '@wheelhouse/ledger/bundle-report';
import { verifyBundle } from '@wheelhouse/ledger/bundle-verify';
import { parseVerifierKey } from '@wheelhouse/ledger/note-key';
import type { NoteKey } from '@wheelhouse/ledger/note-key';
import { sha256, verifyEd25519 } from '@wheelhouse/installation/node-crypto';
import { EXIT, failed, type Exit, usage } from '../../cli-error.ts';
import type { Settings } from '../../settings.ts';
import { readVerifierKey, readWitnessKeys } from '../log-source.ts';
import { bundleText, type CheckedBundle } from './bundle-text.ts';
import { progressBar } from './progress-bar.ts';

export type BundleArguments = {
  readonly file: string;
  readonly key: string | null;
  readonly keyFile: string | null;
  readonly witnesses: readonly string[];
  readonly json: boolean;
};

/** `wheelhouse verify FILE`: proves an exported bundle, offline and without a database, or says what is wrong with it. */
export async function verifyBundleCommand(args: BundleArguments, settings: Settings): Promise<Exit> {
  const report = await verifyFile(args, settings);
  process.stdout.write(args.json ? `${JSON.stringify(report, null, 2)}\n` : bundleText(report));
  if (!report.ok) process.stderr.write('VERIFICATION FAILED\n');
  return exitOf(report);
}

/** What a script is told: a fault outweighs everything; consistent without a trusted key is not the same as proven. */
export function exitOf({ ok, anchored }: BundleReport): Exit {
  if (!ok) return EXIT.fault;
  return anchored ? EXIT.fine : EXIT.unanchored;
}

/** Verifies a bundle file with the keys that were given, or the installation's own. */
export async function verifyFile(args: BundleArguments, settings: Settings): Promise<CheckedBundle> {
  const { file } = args;
  if (!existsSync(file) || !statSync(file).isFile()) throw failed(`There is no file ${file}`);
  const trusted = trustedKeys(args, settings);
  const witnesses = readWitnessKeys(settings, args.witnesses);
  const bar = progressBar(process.stderr);
  try {
    const blob = await openAsBlob(file);
    const further = openApprovalAudit({ sha256 });
    const keys = { trusted, witnesses };
    const report = await verifyBundle(blob, { sha256, newDigest, verify: verifyEd25519, ...keys, further, onProgress: bar.show });
    const { checked, unchecked, keys: passkeys, people, charter } = await further.finish();
    return { ...report, approvals: { checked, unchecked, keys: passkeys, people, charter } };
  } catch (error) {
    throw failed(`${file} can't be read to its end`, error);
  } finally {
    bar.clear();
  }
}

/** The key that was given; else the installation's own, where there is one; else none. */
function trustedKeys({ key, keyFile }: BundleArguments, settings: Settings): NoteKey[] {
  if (key !== null && keyFile !== null) throw usage('Give the key of the log either with --key or with --key-file.');
  if (key !== null) {
    const parsed = parseVerifierKey(key.trim(), sha256);
    if (!parsed.ok) throw usage(`"${key}" is not the key of a log: ${parsed.message}`);
    return [parsed.value];
  }
  const own = existsSync(path.join(settings.dataFolder, 'ledger', 'verifier-key.txt'));
  return keyFile !== null || own ? [readVerifierKey(settings, keyFile)] : [];
}

const newDigest: NewDigest = () => {
  const hash = createHash('sha256');
  return {
    update: (bytes) => {
      hash.update(bytes);
    },
    digest: () => new Uint8Array(hash.digest()),
  };
};
