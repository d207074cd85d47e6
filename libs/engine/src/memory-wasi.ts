// A WASI host that lives in memory: the program gets its arguments, one folder and files that it writes there, and nothing of this machine.
// node:wasi would do, at the price of a real folder, a real file for each utterance and a warning that it is experimental.
// Source: WASI snapshot preview 1 (https://github.com/WebAssembly/WASI, legacy/preview1/docs.md).

const SUCCESS = 0;
const BAD_DESCRIPTOR = 8;
const INVALID = 28;
const FOLDER = 3;
const FIRST_FILE = 4;
const MOST_FILE_BYTES = 64 * 1024 * 1024;
const CHARACTER_DEVICE = 2;
const DIRECTORY = 3;
const REGULAR_FILE = 4;

/** Thrown by the program's own exit, to unwind its stack. */
class ProgramExit extends Error {
  readonly status: number;

  constructor(status: number) {
    super(`program exit ${status}`);
    this.name = 'ProgramExit';
    this.status = status;
  }
}

type MemoryFile = { bytes: Uint8Array; length: number; at: number };

/** What a program left behind. `files` are by the name that it gave them, without the leading slash. */
export type ProgramResult = { readonly status: number; readonly files: ReadonlyMap<string, Uint8Array> };

function writeFile(file: MemoryFile, bytes: Uint8Array): boolean {
  const end = file.at + bytes.length;
  if (end > MOST_FILE_BYTES) return false;
  if (end > file.bytes.length) {
    const grown = new Uint8Array(Math.min(MOST_FILE_BYTES, Math.max(end, file.bytes.length * 2)));
    grown.set(file.bytes);
    file.bytes = grown;
  }
  file.bytes.set(bytes, file.at);
  file.at = end;
  file.length = Math.max(file.length, end);
  return true;
}

class MemoryHost {
  readonly #args: readonly Uint8Array[];
  readonly #open = new Map<number, MemoryFile>();
  readonly files = new Map<string, MemoryFile>();
  #memory: WebAssembly.Memory | null = null;
  #next = FIRST_FILE;

  constructor(args: readonly string[]) {
    this.#args = args.map((arg) => Buffer.from(`${arg}\0`));
  }

  attach(memory: WebAssembly.Memory): void {
    this.#memory = memory;
  }

  /** The program's memory now: it moves when it grows, so that nothing here may keep a view. */
  get #bytes(): Uint8Array {
    if (this.#memory === null) throw new Error('the program has no memory yet');
    return new Uint8Array(this.#memory.buffer);
  }

  #put32(at: number, value: number): void {
    new DataView(this.#bytes.buffer).setUint32(at, value, true);
  }

  #put64(at: number, value: bigint): void {
    new DataView(this.#bytes.buffer).setBigUint64(at, value, true);
  }

  /** The memory slices that a list of (pointer, length) pairs names. */
  #slices(list: number, count: number): Uint8Array[] {
    const memory = this.#bytes;
    const view = new DataView(memory.buffer);
    return Array.from({ length: count }, (_, i) => {
      const start = view.getUint32(list + i * 8, true);
      return memory.subarray(start, start + view.getUint32(list + i * 8 + 4, true));
    });
  }

  #argumentCalls() {
    return {
      args_sizes_get: (countAt: number, bytesAt: number) => {
        this.#put32(countAt, this.#args.length);
        this.#put32(
          bytesAt,
          this.#args.reduce((sum, arg) => sum + arg.length, 0),
        );
        return SUCCESS;
      },
      args_get: (pointersAt: number, bytesAt: number) => {
        let at = bytesAt;
        for (const [index, arg] of this.#args.entries()) {
          this.#put32(pointersAt + index * 4, at);
          this.#bytes.set(arg, at);
          at += arg.length;
        }
        return SUCCESS;
      },
      // The same time always: what a program makes of the same arguments must not depend on when it runs.
      clock_time_get: (_clock: number, _precision: bigint, at: number) => {
        this.#put64(at, 0n);
        return SUCCESS;
      },
      proc_exit: (status: number) => {
        throw new ProgramExit(status);
      },
    };
  }

  #folderCalls() {
    return {
      fd_prestat_get: (fd: number, at: number) => {
        if (fd !== FOLDER) return BAD_DESCRIPTOR;
        this.#put32(at, 0);
        this.#put32(at + 4, 1);
        return SUCCESS;
      },
      fd_prestat_dir_name: (fd: number, at: number, length: number) => {
        if (fd !== FOLDER || length < 1) return BAD_DESCRIPTOR;
        this.#bytes[at] = 47;
        return SUCCESS;
      },
      path_open: (
        ...[fd, , nameAt, nameLength, , , , , openedAt]: [number, number, number, number, number, bigint, bigint, number, number]
      ) => {
        if (fd !== FOLDER) return BAD_DESCRIPTOR;
        const name = Buffer.from(this.#bytes.subarray(nameAt, nameAt + nameLength)).toString('utf8');
        const file = { bytes: new Uint8Array(1024), length: 0, at: 0 };
        this.files.set(name, file);
        this.#open.set(this.#next, file);
        this.#put32(openedAt, this.#next);
        this.#next += 1;
        return SUCCESS;
      },
    };
  }

  #fileCalls() {
    return {
      fd_close: (fd: number) => (this.#open.delete(fd) ? SUCCESS : BAD_DESCRIPTOR),
      fd_fdstat_get: (fd: number, at: number) => {
        if (fd > FOLDER && !this.#open.has(fd)) return BAD_DESCRIPTOR;
        const kind = fd < FOLDER ? CHARACTER_DEVICE : fd === FOLDER ? DIRECTORY : REGULAR_FILE;
        this.#put64(at, BigInt(kind));
        this.#put64(at + 8, 0xffff_ffffn);
        this.#put64(at + 16, 0xffff_ffffn);
        return SUCCESS;
      },
      fd_fdstat_set_flags: () => SUCCESS,
      // Standard input and every file are empty to read.
      fd_read: (_fd: number, _list: number, _count: number, readAt: number) => {
        this.#put32(readAt, 0);
        return SUCCESS;
      },
      fd_write: (fd: number, list: number, count: number, writtenAt: number) => {
        const file = this.#open.get(fd);
        if (file === undefined && fd > 2) return BAD_DESCRIPTOR;
        let written = 0;
        for (const slice of this.#slices(list, count)) {
          if (file !== undefined && !writeFile(file, slice)) return INVALID;
          written += slice.length;
        }
        this.#put32(writtenAt, written);
        return SUCCESS;
      },
      fd_seek: (fd: number, offset: bigint, whence: number, at: number) => {
        const file = this.#open.get(fd);
        if (file === undefined) return BAD_DESCRIPTOR;
        const target = Number(offset) + (whence === 0 ? 0 : whence === 1 ? file.at : file.length);
        if (!(target >= 0 && target <= MOST_FILE_BYTES)) return INVALID;
        file.at = target;
        this.#put64(at, BigInt(target));
        return SUCCESS;
      },
    };
  }

  imports() {
    return { ...this.#argumentCalls(), ...this.#folderCalls(), ...this.#fileCalls() };
  }
}

/**
 * Runs a WASI command to its end, in memory.
 * @throws WebAssembly.RuntimeError when the program traps, TypeError when the module is not a WASI command of preview 1.
 */
export async function runProgram(module: WebAssembly.Module, args: readonly string[]): Promise<ProgramResult> {
  const host = new MemoryHost(args);
  const instance = await WebAssembly.instantiate(module, { wasi_snapshot_preview1: host.imports() });
  const { memory, _start: start } = instance.exports;
  if (!(memory instanceof WebAssembly.Memory) || typeof start !== 'function') throw new TypeError('not a WASI command');
  host.attach(memory);
  let status = 0;
  try {
    start();
  } catch (error) {
    if (!(error instanceof ProgramExit)) throw error;
    status = error.status;
  }
  const files = new Map([...host.files].map(([name, file]) => [name, file.bytes.subarray(0, file.length)] as const));
  return { status, files };
}
