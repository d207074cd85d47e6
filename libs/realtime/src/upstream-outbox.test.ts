import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { UpstreamClientEvent } from './upstream-client-events.ts';
import { addToOutbox, type Outbox } from './upstream-outbox.ts';

it('gives up the oldest sound and nothing else, and keeps what is left in its order', () => {
  fc.assert(
    fc.property(fc.array(fc.array(fc.boolean(), { maxLength: 20 }), { maxLength: 20 }), (batches) => {
      let outbox: Outbox = [];
      const all: UpstreamClientEvent[] = [];
      let dropped = 0;
      for (const batch of batches) {
        const events = batch.map((isSound): UpstreamClientEvent =>
          isSound
            ? { type: 'input_audio_buffer.append', audio: String(all.length) }
            : { type: 'response.create', event_id: String(all.length) },
        );
        all.push(...events);
        const added = addToOutbox(outbox, events);
        outbox = added.outbox;
        dropped += added.dropped;
        expect(added.isStuck).toBe(false);
      }
      const sounds = all.filter(({ type }) => type === 'input_audio_buffer.append');
      expect(dropped).toBe(Math.max(0, sounds.length - 25));
      const kept = new Set(sounds.slice(dropped));
      expect(outbox).toEqual(all.filter((event) => event.type !== 'input_audio_buffer.append' || kept.has(event)));
    }),
  );
});

it('knows when more waits than can be waited for', () => {
  const events = Array.from({ length: 513 }, (_, at): UpstreamClientEvent => ({ type: 'response.create', event_id: String(at) }));
  expect(addToOutbox([], events).isStuck).toBe(true);
  expect(addToOutbox([], events.slice(1)).isStuck).toBe(false);
});
