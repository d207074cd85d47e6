/** What of WebAssembly this library uses: Node has it, its types (without those of the browser) don't. */
declare namespace WebAssembly {
  class Module {
    private readonly compiled: true;
  }
  class Memory {
    readonly buffer: ArrayBuffer;
  }
  type Exported = Memory | ((...args: readonly number[]) => unknown) | undefined;
  type Imported = Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  class Instance {
    readonly exports: Readonly<Record<string, Exported>>;
  }
  function compile(bytes: Uint8Array<ArrayBuffer>): Promise<Module>;
  function instantiate(module: Module, imports: Imported): Promise<Instance>;
}
