import '../zod-settings.ts';
import { openApprovalAudit } from '@wheelhouse/charter/approval-audit';
import { toBase64 } from '@wheelhouse/ledger/base64';
import { verifyBundle } from '@wheelhouse/ledger/bundle-verify';
import { parseCosignerKey } from '@wheelhouse/ledger/cosignature';
import { parseVerifierKey } from '@wheelhouse/ledger/note-key';
import { newDigest, sha256, signatureTrouble, verifyEd25519 } from './browser-crypto.ts';
import type { BundleJob, BundleNews } from './bundle-message.ts';

/** Tells of progress at most this often: a message for each of a million entries would cost more than checking it. */
const TELL_EVERY_MS = 80;

function say(news: BundleNews): void {
  self.postMessage(news);
}

async function verify({ file, keys, witnesses }: BundleJob): Promise<void> {
  const trouble = await signatureTrouble();
  if (trouble !== null) throw new Error(trouble);
  let told = 0;
  const further = openApprovalAudit({ sha256 });
  const report = await verifyBundle(file, {
    sha256,
    newDigest,
    verify: verifyEd25519,
    trusted: keys.flatMap((key) => {
      const parsed = parseVerifierKey(key, sha256);
      return parsed.ok ? [parsed.value] : [];
    }),
    witnesses: witnesses.flatMap((key) => {
      const parsed = parseCosignerKey(key, sha256);
      return parsed.ok ? [parsed.value] : [];
    }),
    further,
    onProgress: (done, of) => {
      const now = performance.now();
      if (now - told < TELL_EVERY_MS) return;
      told = now;
      say({ type: 'progress', done, of });
    },
  });
  const { checked, keys: passkeys, people, charter } = await further.finish();
  say({ type: 'report', report, approvals: { checked, keys: passkeys, people, charter }, digest: await digestOf(file) });
}

/** The file's own digest, to hold against the one that the list of exports shows. */
async function digestOf(file: File): Promise<string> {
  const digest = newDigest();
  const reader = file.stream().getReader();
  for (let chunk = await reader.read(); !chunk.done; chunk = await reader.read()) digest.update(chunk.value);
  return toBase64(digest.digest());
}

self.addEventListener('message', ({ data }: MessageEvent<BundleJob>) => {
  verify(data).catch((error: unknown) => {
    say({ type: 'trouble', message: error instanceof Error ? error.message : 'The file cannot be read.' });
  });
});
