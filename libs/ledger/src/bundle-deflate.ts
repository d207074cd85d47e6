import { configure } from '@zip.js/zip.js/lib/zip-core-native.js';

/** A class like the platform's `CompressionStream`: `format` is `deflate-raw` or `gzip`. */
export type Deflate = new (format: string) => {
  readonly readable: ReadableStream<Uint8Array>;
  readonly writable: WritableStream<Uint8Array>;
};

/**
 * Sets what `writeBundle` compresses with from now on, for the whole process. The platform's own stream takes most of the time of an export: it
 * knows one level. In Node, `createGzip` and `createDeflateRaw` at level 1 are almost twice as fast, for a bundle that is a twentieth larger.
 */
export function setDeflate(deflate: Deflate): void {
  configure({ CompressionStream: deflate });
}
