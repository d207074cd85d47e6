import { stringify } from 'csv-stringify';
import type { ByteSink } from './export-writer.ts';

export type CsvRows = { readonly add: (cells: readonly string[]) => Promise<void>; readonly end: () => Promise<void> };

/** Bytes that are gathered before they go on. */
const CHUNK = 64 * 1024;

/** RFC 4180: CRLF after each row, quotes where they are needed, UTF-8 without a byte order mark. */
export function csvRows(sink: ByteSink): CsvRows {
  const rows = stringify({ record_delimiter: 'windows' });
  let waiting: Buffer[] = [];
  let bytes = 0;
  rows.on('data', (chunk: Buffer) => {
    waiting.push(chunk);
    bytes += chunk.length;
  });
  const flush = async (): Promise<void> => {
    const chunk = Buffer.concat(waiting);
    waiting = [];
    bytes = 0;
    if (chunk.length > 0) await sink.write(chunk);
  };
  return {
    add: async (cells) => {
      await new Promise<void>((resolve, reject) => {
        rows.write([...cells], (error) => {
          if (error == null) resolve();
          else reject(error);
        });
      });
      if (bytes >= CHUNK) await flush();
    },
    end: async () => {
      await new Promise<void>((resolve, reject) => {
        rows.once('end', resolve);
        rows.once('error', reject);
        rows.end();
      });
      await flush();
    },
  };
}
