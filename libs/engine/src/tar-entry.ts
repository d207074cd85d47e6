const BLOCK = 512;
const ascii = new TextDecoder('latin1');
const utf8 = new TextDecoder('utf-8');

function field(header: Uint8Array, start: number, length: number): string {
  const bytes = header.subarray(start, start + length);
  const end = bytes.indexOf(0);
  return ascii.decode(end < 0 ? bytes : bytes.subarray(0, end));
}

/** The sum that the header should carry: all its bytes, the checksum field itself read as spaces. */
function checksum(header: Uint8Array): number {
  return header.reduce((sum, byte, index) => sum + (index >= 148 && index < 156 ? 32 : byte), 0);
}

/** The `path` record of a pax extended header ("LENGTH path=VALUE\n"), which stands before entries with long names. */
function paxPath(body: Uint8Array): string | null {
  const record = /(?:^|\n)\d+ path=([^\n]+)\n/.exec(utf8.decode(body));
  return record?.[1] ?? null;
}

/**
 * The content of the regular file named `path` in a tar archive (POSIX ustar, pax paths understood), as a view on `archive`; null when
 * there is none or the archive is damaged before it is found. Other entries are stepped over, never unpacked.
 * Source: POSIX.1-2017, pax, "ustar Interchange Format".
 */
export function readTarEntry(archive: Uint8Array, path: string): Uint8Array | null {
  let longPath: string | null = null;
  for (let at = 0; at + BLOCK <= archive.length;) {
    const header = archive.subarray(at, at + BLOCK);
    if (header[0] === 0) return null;
    const size = Number.parseInt(field(header, 124, 12).trim() || '0', 8);
    const stated = Number.parseInt(field(header, 148, 8).trim(), 8);
    if (!Number.isSafeInteger(size) || size < 0 || stated !== checksum(header) || at + BLOCK + size > archive.length) return null;
    const body = archive.subarray(at + BLOCK, at + BLOCK + size);
    const type = field(header, 156, 1);
    const prefix = field(header, 345, 155);
    const name = longPath ?? (prefix === '' ? field(header, 0, 100) : `${prefix}/${field(header, 0, 100)}`);
    if ((type === '' || type === '0') && name === path) return body;
    longPath = type === 'x' ? paxPath(body) : null;
    at += BLOCK + Math.ceil(size / BLOCK) * BLOCK;
  }
  return null;
}
