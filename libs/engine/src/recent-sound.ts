/** The last stretch of a session's audio, by sample number from the start of the session. */
export type RecentSound = { readonly chunks: readonly Int16Array[]; readonly end: number };

export const noSound: RecentSound = { chunks: [], end: 0 };

/** Adds a chunk, which must not change any more, and forgets whole chunks that lie before sample `keepFrom`. */
export function addSound(sound: RecentSound, chunk: Int16Array, keepFrom: number): RecentSound {
  const end = sound.end + chunk.length;
  const chunks = [...sound.chunks, chunk];
  let start = end - chunks.reduce((sum, each) => sum + each.length, 0);
  let forgotten = 0;
  for (const each of chunks) {
    if (start + each.length > keepFrom) break;
    start += each.length;
    forgotten += 1;
  }
  return { chunks: chunks.slice(forgotten), end };
}

/** A copy of the samples from `from` up to `to`, as far as they are still there. */
export function cutSound(sound: RecentSound, from: number, to: number): Int16Array<ArrayBuffer> {
  const start = sound.end - sound.chunks.reduce((sum, each) => sum + each.length, 0);
  const first = Math.max(from, start);
  const cut = new Int16Array(Math.max(0, Math.min(to, sound.end) - first));
  let at = start;
  for (const chunk of sound.chunks) {
    const part = chunk.subarray(Math.max(0, first - at), Math.max(0, Math.min(chunk.length, first + cut.length - at)));
    if (part.length > 0) cut.set(part, Math.max(0, at - first));
    at += chunk.length;
  }
  return cut;
}
