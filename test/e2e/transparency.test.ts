import { randomUUID } from 'node:crypto';
import { fromBase64 } from '@wheelhouse/ledger/base64';
import { openCheckpoint } from '@wheelhouse/ledger/checkpoint';
import { parseCosignerKey, readCosignatures } from '@wheelhouse/ledger/cosignature';
import { parseOpening } from '@wheelhouse/ledger/disclosure';
import { entryLeafHash } from '@wheelhouse/ledger/entry';
import { parseVerifierKey } from '@wheelhouse/ledger/note-key';
import { parseNote } from '@wheelhouse/ledger/signed-note';
import { assemble, checkFields, parseLeaf } from '@wheelhouse/ledger/sealed-entry';
import { verifyInclusion } from '@wheelhouse/ledger/verify-proof';
import { verifyEd25519 } from '@wheelhouse/installation/node-crypto';
import { type PublicCharter, Transparency } from '@wheelhouse/protocol/transparency';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { found, type Overseer, overseers, sha256 } from '../harness/founders.ts';
import { TestServer } from '../harness/server.ts';
import { WitnessProcess } from '../harness/witness-process.ts';
import { until } from '../harness/until.ts';

const bytesOf = (text: string) => fromBase64(text) ?? new Uint8Array();

describe('the public transparency page', () => {
  let server: TestServer;
  let people: Overseer[];

  beforeAll(async () => {
    server = await TestServer.start({ WHEELHOUSE_TRANSPARENCY: 'true' });
    people = await overseers(server, 3);
  });
  let witness: WitnessProcess | null = null;
  afterAll(async () => {
    await server.dispose();
    await witness?.dispose();
  });

  const read = async (): Promise<Transparency> => Transparency.parse(await (await fetch(`${server.url}/v1/transparency`)).json());

  it('is readable without an account, before there is a charter too', async () => {
    expect(await read()).toMatchObject({ charters: [], seats: [], overrides: { inForce: 0 } });
  });

  it('shows the charter in force and how often humans overrode the engine', async () => {
    await found(people);
    await people[0]?.api.order({
      id: randomUUID(),
      kind: 'hold',
      scope: { type: 'everything' },
      reason: 'words that nobody outside may read',
    });
    const page = await until('the page to be made anew', async () => {
      const made = await read();
      return made.charters.length === 1 && made.overrides.inForce === 1 && made.charters[0]?.proof !== null ? made : null;
    });
    expect(page.seats).toHaveLength(3);
    expect(page.overrides.byKind.hold).toBe(1);
    expect(page.proposals).toMatchObject({ executed: 1, open: 0 });
    expect(JSON.stringify(page)).not.toContain('words that nobody outside may read');
  });

  it('is verifiable by anyone: the text is in a leaf, the leaf in the tree, the tree head signed', async () => {
    const page = await read();
    const [charter] = page.charters;
    if (charter === undefined) throw new Error('there is no charter on the page');
    await expectProven(page, charter);
    const altered = { ...charter, stored: { ...charter.stored, opening: charter.stored.opening.replace('votes: 1', 'votes: 2') } };
    expect(altered.stored.opening).not.toBe(charter.stored.opening);
    await expect(expectProven(page, altered)).rejects.toThrow();
  });

  it('names nobody who voted', async () => {
    const [charter] = (await read()).charters;
    const items = parseOpening(charter?.stored.opening ?? '[]');
    const names = items.ok ? items.value.flatMap((item) => ('name' in item ? [item.name] : [])) : [];
    expect(names.sort()).toEqual(['data.charterText', 'data.name', 'data.version', 'time']);
  });

  it('names the witnesses and their keys, with which the cosignatures under the head are checked', async () => {
    expect((await read()).witnesses).toEqual({ quorum: 0, keys: [] });
    witness = await WitnessProcess.start((await read()).key);
    await server.stop();
    server.env['WHEELHOUSE_WITNESSES'] = witness.address;
    await server.run();
    const page = await until('a cosigned head', async () => {
      const made = await read();
      return made.checkpoint.includes(witness?.vkey.split('+')[0] ?? '?') ? made : null;
    });
    expect(page.witnesses).toEqual({ quorum: 1, keys: [{ name: witness.vkey.split('+')[0], key: witness.vkey }] });
    const [note, key] = [parseNote(page.checkpoint), parseCosignerKey(page.witnesses.keys[0]?.key ?? '', sha256)];
    if (!note.ok || !key.ok) throw new Error('the head or the key can not be read');
    expect(await readCosignatures(note.value, [key.value], verifyEd25519)).toMatchObject({ ok: true, value: [{ key: key.value }] });
  });

  it('tells by its head alone whether it is there', async () => {
    const head = await fetch(`${server.url}/v1/transparency`, { method: 'HEAD' });
    expect([head.status, await head.text()]).toEqual([200, '']);
  });

  it('is not there unless it is asked for', async () => {
    await server.stop();
    server.env['WHEELHOUSE_TRANSPARENCY'] = 'false';
    await server.run();
    expect((await fetch(`${server.url}/v1/transparency`)).status).toBe(404);
    expect((await fetch(`${server.url}/v1/transparency`, { method: 'HEAD' })).status).toBe(404);
  });
});

async function expectProven({ checkpoint, key }: Transparency, { stored, proof, text }: PublicCharter): Promise<void> {
  const leaf = parseLeaf(new TextEncoder().encode(stored.body));
  const items = parseOpening(stored.opening);
  const logKey = parseVerifierKey(key, sha256);
  if (!leaf.ok || !items.ok || !logKey.ok || proof === null) throw new Error('something on the page can not be read');
  expect(checkFields(leaf.value, items.value, sha256)).toMatchObject({ ok: true });
  expect(assemble(leaf.value, items.value).value).toMatchObject({ data: { charterText: text } });
  const opened = await openCheckpoint(proof.checkpoint, { origin: logKey.value.name, keys: [logKey.value] }, verifyEd25519);
  if (!opened.ok) throw new Error(opened.message);
  const leafHash = entryLeafHash(new TextEncoder().encode(stored.body), sha256);
  const claim = { index: proof.index, leafHash, proof: proof.hashes.map(bytesOf) };
  expect(verifyInclusion(claim, opened.value.checkpoint, sha256)).toMatchObject({ ok: true });
  expect(checkpoint).toContain(logKey.value.name);
}
