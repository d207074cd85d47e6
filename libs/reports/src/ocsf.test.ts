import { createHash } from 'node:crypto';
import { canonicalJson } from '@wheelhouse/ledger/canonical';
import { LedgerEntry } from '@wheelhouse/protocol/ledger-entry';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { safeCell } from './csv-cell.ts';
import { ENTRY_COLUMNS, entryRow } from './entry-row.ts';
import { isPlaced, OCSF_BASE_REQUIRED, OCSF_CLASSES, OCSF_VERSION, placeOf } from './ocsf-classes.ts';
import { ocsfWriter } from './ocsf.ts';
import { Story } from './story.fixture.ts';

const sha256 = (bytes: Uint8Array) => new Uint8Array(createHash('sha256').update(bytes).digest());
const context = { version: '0.1.0', origin: 'log.example', tree: { size: 9, root: 'ab' }, sha256 };
const KINDS = LedgerEntry.options.map((option) => option.shape.kind.value);

const Attested = z.looseObject({
  attestation_list: z.tuple([
    z.looseObject({
      fingerprint: z.object({ algorithm_id: z.literal(3), value: z.string().length(64) }).loose(),
      prev_event: z.looseObject({ fingerprint: z.looseObject({ value: z.string() }) }).optional(),
    }),
  ]),
});

function eventsOf(kinds: readonly string[], hidden: readonly string[] = []) {
  const story = new Story();
  for (const kind of kinds) story.tell(kind, 'anna', { session: 's', export: 'e', order: 'o', deployment: 'd', model: 'm' }, hidden);
  const write = ocsfWriter(context);
  return story.entries.map((entry) => write({ entry, leaf: '{"kind":"x"}', leafHash: 'cd' }));
}

describe('OCSF events', () => {
  it.each(KINDS)('are thought of for %s', (kind) => {
    expect(isPlaced(kind)).toBe(true);
  });

  it.each([...KINDS, 'kind.of.tomorrow'])('of %s have all that their class must have, shown or redacted', (kind) => {
    for (const hidden of [[], ['by.id', 'by.role', 'by.kind', 'time', 'data.session', 'data.export', 'data.deployment', 'data.model']])
      for (const event of eventsOf([kind], hidden)) {
        const place = OCSF_CLASSES[placeOf(kind).of];
        for (const name of [...OCSF_BASE_REQUIRED, ...place.required]) expect(Object.keys(event)).toContain(name);
        const activity = z.number().parse(event['activity_id']);
        expect(event['type_uid']).toBe(place.uid * 100 + activity);
        expect(event['category_uid']).toBe(place.category[0]);
        expect(Object.keys(place.activities)).toContain(String(activity));
        // What the objects in them must have (OCSF 1.9.0).
        const Parts = z.looseObject({
          metadata: z.looseObject({ version: z.literal(OCSF_VERSION), product: z.looseObject({ name: z.string() }) }),
          actor: z.looseObject({ user: z.union([z.looseObject({ uid: z.string() }), z.looseObject({ name: z.string() })]) }),
          api: z.looseObject({ operation: z.string() }).optional(),
          src_endpoint: z.looseObject({ name: z.string() }).optional(),
          ai_agent: z.looseObject({ ai_model: z.looseObject({ name: z.string(), ai_provider: z.string() }) }).optional(),
          raw_data_hash: z.looseObject({ algorithm_id: z.literal(3), value: z.string() }),
        });
        Parts.parse(event);
      }
  });

  it('chain: each has its own fingerprint over its canonical form, and that of the one before', () => {
    const events = eventsOf(['session.opened', 'order.given', 'session.ended']);
    let before: string | undefined;
    for (const event of events) {
      const [attestation] = Attested.parse(event).attestation_list;
      expect(attestation.prev_event?.fingerprint.value).toBe(before);
      const { fingerprint, ...rest } = attestation;
      const text = canonicalJson({ ...event, attestation_list: [rest] });
      expect(fingerprint.value).toBe(createHash('sha256').update(text).digest('hex'));
      before = fingerprint.value;
    }
  });

  it('carry the index, the leaf hash and the tree head', () => {
    const [event] = eventsOf(['order.given']);
    expect(event?.['unmapped']).toMatchObject({
      wheelhouse: { index: 0, leaf_hash: 'cd', tree_size: 9, tree_root: 'ab', log: 'log.example' },
    });
  });
});

describe('cells of CSV', () => {
  it.each(['=1+1', '+1', '-1+cmd', '@SUM(A1)', '\t=1', '\r=1', '  =1', '\n=1'])('that begin like a formula are text: %j', (cell) => {
    expect(safeCell(cell)).toBe(`'${cell}`);
  });

  it.each([
    ['plain', 'plain'],
    ['a=b', 'a=b'],
    ['', ''],
    [-5, '-5'],
    [null, ''],
    [undefined, ''],
    [true, 'true'],
  ])('%j is left as it is', (cell, text) => {
    expect(safeCell(cell)).toBe(text);
  });

  it('of an entry stand under their columns, redacted ones empty and counted', () => {
    const [entry] = new Story().tell('order.given', 'anna', { order: 'o', reason: 'x' }, ['by.id', 'data.reason']).entries;
    if (entry === undefined) throw new Error('no entry');
    const row = entryRow(entry, 'abcd');
    expect(row).toHaveLength(ENTRY_COLUMNS.length);
    const cells = Object.fromEntries(ENTRY_COLUMNS.map((name, i) => [name, row[i]]));
    expect(cells).toMatchObject({
      index: '0',
      kind: 'order.given',
      'by.id': '',
      'by.role': 'operator',
      data: '{"order":"o"}',
      withheld: '2',
    });
  });
});
