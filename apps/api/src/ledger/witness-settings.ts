import { sha256 } from '@wheelhouse/installation/node-crypto';
import { parseCosignerKey, type CosignerKey } from '@wheelhouse/ledger/cosignature';
import type { Parsed } from '@wheelhouse/ledger/primitives';

/** A witness and where it takes requests: the submission prefix of C2SP tlog-witness, without a slash at its end. */
export type WitnessAddress = { readonly key: CosignerKey; readonly url: string };

/** Reads `vkey@url,vkey@url`. Neither the key's base64 nor a comma can stand in the way: keys end before the first `@http`. */
export function parseWitnesses(text: string): Parsed<readonly WitnessAddress[], 'bad_witness'> {
  const witnesses: WitnessAddress[] = [];
  for (const part of text.split(',').filter((each) => each.trim() !== '')) {
    const [, vkey = '', url = ''] = /^(.+?)@(https?:\/\/.+?)\/*$/.exec(part.trim()) ?? [];
    const key = parseCosignerKey(vkey, sha256);
    if (!key.ok)
      return {
        ok: false,
        code: 'bad_witness',
        message: `"${part}" is not VKEY@URL, with the key and address that wheelhouse witness prints: ${key.message}`,
      };
    if (!URL.canParse(url)) return { ok: false, code: 'bad_witness', message: `"${url}" is not an address.` };
    if (witnesses.some(({ key: other }) => Buffer.compare(other.publicKey, key.value.publicKey) === 0)) {
      return {
        ok: false,
        code: 'bad_witness',
        message: `The witness ${key.value.name} is named twice: it would count twice for the quorum.`,
      };
    }
    witnesses.push({ key: key.value, url });
  }
  return { ok: true, value: witnesses };
}
