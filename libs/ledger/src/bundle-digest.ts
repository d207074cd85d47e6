/** SHA-256 of a stream: `digest` (32 bytes) may be asked once, after the last `update`. */
export type StreamDigest = { readonly update: (bytes: Uint8Array) => void; readonly digest: () => Uint8Array };

/** Begins one. Node has it built in (`createHash`); a browser brings a JavaScript one. */
export type NewDigest = () => StreamDigest;
