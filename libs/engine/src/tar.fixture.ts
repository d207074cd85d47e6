/** A tar archive of regular files, for tests. */
export function makeTar(files: Readonly<Record<string, Uint8Array>>): Uint8Array<ArrayBuffer> {
  const blocks = Object.entries(files).map(([name, content]) => {
    const block = new Uint8Array(512 + Math.ceil(content.length / 512) * 512);
    const put = (at: number, text: string): void => {
      block.set(Buffer.from(text), at);
    };
    put(0, name);
    put(100, '0000644\0');
    put(124, `${content.length.toString(8).padStart(11, '0')}\0`);
    put(148, '        ');
    put(156, '0');
    put(257, 'ustar\u000000');
    const sum = block.subarray(0, 512).reduce((total, byte) => total + byte, 0);
    put(148, `${sum.toString(8).padStart(6, '0')}\0 `);
    block.set(content, 512);
    return block;
  });
  return new Uint8Array(Buffer.concat([...blocks, new Uint8Array(1024)]));
}
