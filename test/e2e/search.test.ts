import { sha256 } from '@wheelhouse/installation/node-crypto';
import { utf8 } from '@wheelhouse/ledger/bytes';
import { parseOpening } from '@wheelhouse/ledger/disclosure';
import { checkFields, parseLeaf } from '@wheelhouse/ledger/sealed-entry';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ExportStory, FORMULA, found } from '../harness/export-story.ts';
import { refused } from '../harness/refused.ts';

let story: ExportStory;

beforeAll(async () => {
  story = await ExportStory.tell();
});
afterAll(() => story.dispose());

describe('searching the ledger', () => {
  it('finds every entry once, newest first, page by page', async () => {
    const all = await found(story.reviewer.api, {});
    const indexes = all.map(({ index }) => index);
    expect(indexes).toEqual([...indexes].sort((a, b) => b - a));
    expect(indexes.at(-1)).toBe(0);
    expect(new Set(indexes).size).toBe(indexes.length);
  });

  it('follows a session from its ticks to the orders and releases that touched it', async () => {
    const kinds = new Set((await found(story.reviewer.api, { session: story.session })).map(({ kind }) => kind));
    for (const kind of [
      'session.opened',
      'session.segment',
      'order.given',
      'order.applied',
      'release.asked',
      'latch.released',
      'release.applied',
    ])
      expect([...kinds]).toContain(kind);
    expect([...kinds]).not.toContain('person.joined');
  });

  it('narrows by kind, person, time and deployment', async () => {
    const given = await found(story.reviewer.api, { kind: 'order.given' });
    expect(given.map(({ kind }) => kind)).toEqual(['order.given']);
    const [order] = given;
    expect(order?.fields['data.reason']).toBe(FORMULA);
    const person = order?.by?.id ?? '';
    const theirs = await found(story.reviewer.api, { person });
    expect(theirs.every(({ by, kind }) => by?.id === person || kind === 'person.joined')).toBe(true);
    const time = order?.time ?? '';
    expect((await found(story.reviewer.api, { to: time })).every((entry) => (entry.time ?? '') < time)).toBe(true);
    expect((await found(story.reviewer.api, { deployment: 'relay' })).some(({ fields }) => fields['data.session'] === story.session)).toBe(
      true,
    );
    expect(await found(story.reviewer.api, { deployment: 'none' })).toEqual([]);
  });

  it('leaves kinds out, also one that it was asked for', async () => {
    const all = await found(story.reviewer.api, { session: story.session });
    const rest = await found(story.reviewer.api, { session: story.session, without: 'session.segment,order.given' });
    const kept = all.filter(({ kind }) => kind !== 'session.segment' && kind !== 'order.given');
    expect(rest.map(({ index }) => index)).toEqual(kept.map(({ index }) => index));
    expect(rest.length).toBeLessThan(all.length - 1);
    expect(await found(story.reviewer.api, { kind: 'order.given', without: 'order.given' })).toEqual([]);
  });

  it("shows people of a tenant their tenant's entries and nothing else", async () => {
    const seen = await found(story.stranger.api, {});
    expect(seen.length).toBeGreaterThan(0);
    expect(new Set(seen.map(({ kind }) => kind))).toEqual(new Set(['session.opened', 'person.joined', 'checkpoint.decided']));
    expect(JSON.stringify(seen)).toContain(story.foreign);
    expect(JSON.stringify(seen)).not.toContain(story.session);
    expect(await found(story.stranger.api, { session: story.session })).toEqual([]);
    expect(await found(story.reviewer.api, { session: story.foreign })).not.toEqual([]);
  });

  it('shows people of a tenant of an entry that is not theirs only what is public, and it still verifies', async () => {
    const [theirs] = await found(story.stranger.api, { kind: 'session.opened' });
    const [others] = await found(story.reviewer.api, { session: story.session, kind: 'session.opened' });
    const own = await story.stranger.api.entry(theirs?.index ?? -1);
    expect(own.opening).toContain('"data.tenant"');
    const foreign = await story.stranger.api.entry(others?.index ?? -1);
    expect(foreign.opening).not.toMatch(/"data[.](tenant|deployment|subject)"|"by[.]id"/);
    const [leaf, items] = [parseLeaf(utf8(foreign.body)), parseOpening(foreign.opening)];
    expect(leaf.ok && items.ok && checkFields(leaf.value, items.value, sha256)).toEqual({ ok: true });
    expect((await story.reviewer.api.entry(others?.index ?? -1)).opening).toContain('"data.tenant"');
  });

  it('refuses what is no filter', async () => {
    expect(await refused(story.reviewer.api.search('?kind=order.gone'))).toBe('malformed');
    expect(await refused(story.reviewer.api.search('?without=order.given,order.gone'))).toBe('malformed');
    expect(await refused(story.reviewer.api.search('?without='))).toBe('malformed');
    expect(await refused(story.reviewer.api.search('?from=yesterday'))).toBe('malformed');
    expect(await refused(story.reviewer.api.search('?tenant=globex&session=x'))).toBe('malformed');
  });
});
