import { pcmBytes, WAV_HEADER_BYTES } from '@wheelhouse/content/wav';
import { describe, expect, it } from 'vitest';
import type { StoredPiece } from './content-store.ts';
import { wavOf } from './recording-stream.ts';

function piece(id: string, fromMs: number, toMs: number): StoredPiece {
  const rest = { session: 's', subject: 'carol', what: 'audio-in', keyId: 'k', digest: '', retention: 'regulated', gone: null };
  return { id, fromMs, toMs, retainUntil: new Date(0), ...rest };
}

/** Each piece sounds like the first letter of its id. */
const read = (one: StoredPiece) =>
  Promise.resolve(one.id.startsWith('gone') ? null : Buffer.alloc(pcmBytes(one.toMs - one.fromMs), one.id));

async function bytesOf(tracks: readonly (readonly StoredPiece[])[], lengthMs: number): Promise<Buffer> {
  const blocks: Uint8Array[] = [];
  for await (const block of wavOf(tracks, lengthMs, read)) blocks.push(block);
  return Buffer.concat(blocks);
}

describe('a recording on its way out', () => {
  it.each([0, 200, 1000, 1200, 4800, 61_400])('of %i ms is exactly that long, whatever is stored', async (lengthMs) => {
    const tracks = [[piece('a', 200, 1400), piece('gone', 1400, 1600), piece('b', 2000, 9000)], [piece('c', 0, 600)]];
    for (const channels of [1, 2])
      expect((await bytesOf(tracks.slice(0, channels), lengthMs)).length).toBe(WAV_HEADER_BYTES + pcmBytes(lengthMs, channels));
  });

  it('has each piece at its time, and silence where nothing is', async () => {
    const wav = await bytesOf([[piece('a', 200, 1400), piece('gone', 1400, 1600), piece('b', 2000, 2400)]], 2600);
    const at = (ms: number) => String.fromCharCode(wav[WAV_HEADER_BYTES + pcmBytes(ms)] ?? 1);
    const sounds = Array.from({ length: 13 }, (_, tick) => at(tick * 200)).join('');
    expect(sounds).toBe('\0aaaaaa\0\0\0bb\0');
  });

  it('has both tracks beside each other, though their pieces end at different times', async () => {
    const wav = await bytesOf([[piece('l', 0, 5000)], [piece('r', 0, 1400), piece('s', 1400, 5000)]], 5000);
    for (let ms = 0; ms < 5000; ms += 200)
      expect(wav.toString('latin1', WAV_HEADER_BYTES + pcmBytes(ms, 2), WAV_HEADER_BYTES + pcmBytes(ms, 2) + 4)).toBe(
        ms < 1400 ? 'llrr' : 'llss',
      );
  });
});
