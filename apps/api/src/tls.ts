import { readFileSync } from 'node:fs';
import { createSecureContext } from 'node:tls';

/** What both ports identify themselves with: a certificate chain and its private key, PEM text. */
export type TlsIdentity = { readonly cert: string; readonly key: string };

export class TlsError extends Error {
  override readonly name = 'TlsError';
}

/** Reads the files that the settings name. Null: none is named. Throws `TlsError` that says which file can't be used, and why. */
export function readTlsIdentity(certFile: string | undefined, keyFile: string | undefined): TlsIdentity | null {
  if (certFile === undefined && keyFile === undefined) return null;
  if (certFile === undefined || keyFile === undefined)
    throw new TlsError('WHEELHOUSE_TLS_CERT and WHEELHOUSE_TLS_KEY belong together: set both, or neither.');
  const identity = { cert: read('WHEELHOUSE_TLS_CERT', certFile), key: read('WHEELHOUSE_TLS_KEY', keyFile) };
  try {
    createSecureContext(identity);
    return identity;
  } catch (error) {
    throw new TlsError(`WHEELHOUSE_TLS_CERT and WHEELHOUSE_TLS_KEY are not a certificate and its private key in PEM: ${reason(error)}.`, {
      cause: error,
    });
  }
}

function read(setting: string, file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new TlsError(`${setting}: the file can't be read: ${reason(error)}.`, { cause: error });
  }
}

function reason(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
