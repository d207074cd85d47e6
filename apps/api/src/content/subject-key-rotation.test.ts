import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { localMasterKey, MasterKeyError } from './master-key.ts';
import { memoryKeyRecords } from './memory-key-records.ts';
import { SubjectKeys } from './subject-keys.ts';
import { wordsVault } from './words-vault.ts';

const newMaster = () => localMasterKey(randomBytes(32));
const nothingElse = () => Promise.resolve();
const turn = () => new Promise((resolve) => setImmediate(resolve));

describe('a new master key', () => {
  it('opens what was sealed before, here and after a restart, and the old one opens nothing', async () => {
    const [old, next] = [newMaster(), newMaster()];
    const records = memoryKeyRecords();
    const keys = await SubjectKeys.open(records, () => old);
    const vault = wordsVault(keys);
    await keys.ensure(['carol', 'dave', 'erin']);
    const sealed = vault.seal('carol', 'hello') ?? '';
    const before = [...records.rows.values()].map(({ wrapped }) => wrapped);
    await keys.rotate(next);
    expect(keys.masterFingerprint).toBe(next.fingerprint);
    expect(records.known).toEqual([next.fingerprint]);
    expect(vault.open('carol', sealed)).toBe('hello');
    for (const { wrapped } of records.rows.values()) expect(before).not.toContainEqual(wrapped);
    expect(wordsVault(await SubjectKeys.open(records, () => next)).open('carol', sealed)).toBe('hello');
    await expect(SubjectKeys.open(records, () => old)).rejects.toThrow(MasterKeyError);
    // A backup of the old key and of its fingerprint's row opens no key either.
    records.known.splice(0, 1, old.fingerprint);
    await expect(SubjectKeys.open(records, () => old)).rejects.toThrow(MasterKeyError);
  });

  it('is taken once: the same again changes nothing', async () => {
    const records = memoryKeyRecords();
    const next = newMaster();
    const keys = await SubjectKeys.open(records, newMaster);
    await keys.ensure(['carol']);
    await Promise.all([keys.rotate(next), keys.rotate(next)]);
    const [row] = records.rows.values();
    await keys.rotate(next);
    expect([...records.rows.values()]).toEqual([row]);
  });

  it('does not open what another server has destroyed meanwhile', async () => {
    const records = memoryKeyRecords();
    const old = newMaster();
    const [here, there] = [await SubjectKeys.open(records, () => old), await SubjectKeys.open(records, () => old)];
    await here.ensure(['carol']);
    await there.ensure(['carol']);
    await there.destroy('carol', nothingElse);
    await here.rotate(newMaster());
    expect(here.livingId('carol')).toBeNull();
    // The other server has the old key still: it makes no more keys that nobody could open.
    await expect(there.ensure(['dave'])).rejects.toThrow(/another master key/);
    await here.ensure(['dave']);
    expect(here.livingId('dave')).not.toBeNull();
  });

  it('is refused where a key in the database was altered, and nothing changes', async () => {
    const records = memoryKeyRecords();
    const keys = await SubjectKeys.open(records, newMaster);
    await keys.ensure(['carol', 'dave']);
    await keys.check('each');
    const [row] = records.rows.values();
    if (row === undefined) throw new Error('there is no key');
    records.rows.set(row.id, { ...row, wrapped: row.wrapped.map((byte, i) => (i === 20 ? byte ^ 1 : byte)) });
    const before = [...records.rows.values()];
    for (const which of ['each', 'changed'] as const) await expect(keys.check(which)).rejects.toThrow(MasterKeyError);
    await expect(keys.rotate(newMaster())).rejects.toThrow(MasterKeyError);
    expect([...records.rows.values()]).toEqual(before);
    expect(wordsVault(keys).seal('dave', 'on it goes')).not.toBeNull();
  });

  it('is the one that counts when the database took it and its answer was lost: until that is known no keys are made', async () => {
    const records = memoryKeyRecords();
    const next = newMaster();
    const keys = await SubjectKeys.open(records, newMaster);
    await keys.ensure(['carol', 'dave']);
    const sealed = wordsVault(keys).seal('carol', 'hello') ?? '';
    records.answerLost = true;
    await expect(keys.rotate(next)).rejects.toThrow(/connection was lost/);
    await expect(keys.ensure(['erin'])).rejects.toThrow(/another master key/);
    expect(wordsVault(keys).open('carol', sealed)).toBe('hello');
    await keys.rotate(next);
    await keys.ensure(['erin']);
    const anew = wordsVault(await SubjectKeys.open(records, () => next));
    expect(anew.open('carol', sealed)).toBe('hello');
    expect(anew.seal('dave', 'x')).not.toBeNull();
    expect(anew.seal('erin', 'x')).not.toBeNull();
  });
});

const SUBJECTS = ['ann', 'bob', 'cem', 'dan', 'eve', 'fay'] as const;
type Step = { readonly what: 'ensure' | 'destroy' | 'seal' | 'rotate' | 'wait' | 'lose'; readonly subject: string };
const step: fc.Arbitrary<Step> = fc.record({
  what: fc.constantFrom('ensure', 'ensure', 'destroy', 'seal', 'seal', 'rotate', 'wait', 'wait', 'lose'),
  subject: fc.constantFrom(...SUBJECTS),
});

/** What was sealed, and the key that it was sealed under. */
type Kept = { readonly subject: string; readonly keyId: string; readonly text: string; readonly sealed: string };

describe('rotation beside making, destroying, sealing and opening', () => {
  it('loses nothing that lives and brings nothing back that was destroyed, in any order', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 40 }), async (steps) => {
        const records = memoryKeyRecords();
        let master = newMaster();
        const anew = () => SubjectKeys.open(records, () => master);
        const keys = await anew();
        const kept: Kept[] = [];
        const acts: Record<Step['what'], (subject: string) => Promise<unknown>> = {
          ensure: (subject) => keys.ensure([subject, 'ann']).catch(() => undefined),
          destroy: (subject) => keys.destroy(subject, nothingElse),
          rotate: () => {
            const next = newMaster();
            return untilDone(() => keys.rotate(next)).then(() => void (master = next));
          },
          seal: (subject) => Promise.resolve(keep(keys, kept, subject)),
          lose: () => Promise.resolve(void (records.answerLost = true)),
          wait: turn,
        };
        const under: Promise<unknown>[] = [];
        for (const { what, subject } of steps) {
          under.push(acts[what](subject));
          if (what === 'wait') await turn();
        }
        await Promise.all(under);
        records.answerLost = false;
        await keys.ensure(SUBJECTS);
        for (const subject of SUBJECTS) expect(keep(keys, kept, subject)).toBe(true);
        expect(records.known).toEqual([master.fingerprint]);
        for (const each of [keys, await anew()]) {
          await each.check('each');
          await each.check('changed');
          for (const { subject, keyId, text, sealed } of kept)
            expect(wordsVault(each).open(subject, sealed)).toBe(records.rows.get(keyId)?.living === null ? null : text);
        }
      }),
      { numRuns: 300 },
    );
  });
});

/** Seals something and keeps it; false where the subject has no key. */
function keep(keys: SubjectKeys, kept: Kept[], subject: string): boolean {
  const keyId = keys.livingId(subject);
  const text = `${subject} ${kept.length}`;
  const sealed = wordsVault(keys).seal(subject, text);
  expect(sealed === null).toBe(keyId === null);
  if (keyId !== null && sealed !== null) kept.push({ subject, keyId, text, sealed });
  return keyId !== null;
}

async function untilDone(work: () => Promise<void>): Promise<void> {
  for (;;) {
    try {
      await work();
      return;
    } catch {
      await turn();
    }
  }
}
