import { concatBytes } from './bytes.ts';

/** What a stream of lines tells; lines are counted from 1. */
export type LineSink = {
  /** A line without its newline. Its bytes may change after the call. */
  readonly line: (bytes: Uint8Array, number: number) => void;
  /** A line of more than `limit` bytes, which was passed over. */
  readonly tooLong: (number: number) => void;
};

export type LineSplitter = {
  readonly take: (chunk: Uint8Array) => void;
  /** At the end of the stream. Says whether its last line was ended, as it must be. */
  readonly end: () => boolean;
};

const NEWLINE = 10;

/** Splits a stream of bytes into lines as it comes. Holds one line of at most `limit` bytes. */
export function splitLines(sink: LineSink, limit: number): LineSplitter {
  let carried: Uint8Array[] = [];
  let length = 0;
  let number = 0;
  const finishLine = (rest: Uint8Array): void => {
    number += 1;
    if (length + rest.length > limit) sink.tooLong(number);
    else sink.line(carried.length === 0 ? rest : concatBytes([...carried, rest]), number);
    carried = [];
    length = 0;
  };
  return {
    take: (chunk) => {
      let at = 0;
      for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, at)) {
        finishLine(chunk.subarray(at, end));
        at = end + 1;
      }
      const rest = chunk.subarray(at);
      length += rest.length;
      if (length > limit) carried = [];
      else if (rest.length > 0) carried.push(rest.slice());
    },
    end: () => length === 0,
  };
}
