import { createRequire } from 'node:module';
import path from 'node:path';
import { drawText } from '@wheelhouse/detect/drawn-text.fixture';
import { decodeFrame } from '@wheelhouse/detect/frame';
import { createImageText } from '@wheelhouse/detect/image-text';
import { RollingText } from '@wheelhouse/detect/rolling-text';
import { readTestSet } from '@wheelhouse/detect/test-set.fixture';
import { findingsIn } from '@wheelhouse/detect/text-findings';
import { loadWeights } from '@wheelhouse/engine/weights-store';
import { z } from 'zod';
import { Latencies, median, type Row } from './measure.ts';

const PART = 'detect';
const PEERS = path.join(import.meta.dirname, 'peers', 'package.json');
const MODELS = path.resolve(import.meta.dirname, '../../.wheelhouse/models');
const PEER = '@openai/guardrails';
const CLEAN = 'so we went to the market and then bought some apples and pears for the evening with friends from the choir'.split(' ');
const WORDS_A_TICK = 2;
/** So many ticks make the hundred characters that the patterns look back. */
const REACH_TICKS = 10;

/** What its check functions take and give. The text is data, the rest is settings as its own registry would make them. */
const Check = z.custom<(context: object, text: string, config: object) => unknown>((value) => typeof value === 'function');
const Pii = z.object({ pii: Check, PIIConfig: z.custom<{ parse(value: object): object }>() });
const Secrets = z.object({ secretKeysCheck: Check });

type Local = (text: string) => unknown;

/** The peer's two local checks with its own defaults, one after the other; words for why not where it is not installed. */
function peerChecks(): Local | string {
  try {
    const load = createRequire(PEERS);
    const { pii, PIIConfig } = Pii.parse(load(`${PEER}/dist/checks/pii.js`));
    const { secretKeysCheck } = Secrets.parse(load(`${PEER}/dist/checks/secret-keys.js`));
    const config = PIIConfig.parse({});
    return (text) => Promise.all([pii({}, text, config), secretKeysCheck({}, text, { threshold: 'balanced' })]);
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'MODULE_NOT_FOUND'
      ? `${PEER} is not installed: npm run bench -- peers ${PART}`
      : String(error);
  }
}

/** Words of a talk as ticks of 200 ms have them; with something to be found in some, when `lines` are given. */
function ticksOf(lines: readonly string[]): string[] {
  const words = lines.length === 0 ? CLEAN : lines.flatMap((line) => [...CLEAN, ...line.split(/\s+/)]);
  return Array.from({ length: Math.ceil(words.length / WORDS_A_TICK) }, (_, i) =>
    words.slice(i * WORDS_A_TICK, (i + 1) * WORDS_A_TICK).join(' '),
  );
}

/** CPU microseconds a tick, over all of `ticks` again and again for at least `ms`. */
async function cpuATick(ticks: readonly string[], ms: number, work: (text: string) => unknown): Promise<number> {
  let count = 0;
  const from = process.cpuUsage();
  const end = performance.now() + ms;
  while (performance.now() < end) {
    for (const text of ticks) await work(text);
    count += ticks.length;
  }
  const { user, system } = process.cpuUsage(from);
  return (user + system) / count;
}

const figure = (name: string, values: readonly number[], note?: string): Row => ({
  part: PART,
  kind: 'figure',
  name,
  unit: 'us',
  value: median(values),
  n: values.length,
  ...(note === undefined ? {} : { note }),
});

/**
 * Wheelhouse's scan of a tick's text beside a peer's local checks: on that tick alone, where it can find nothing that crosses ticks, and on the tick with
 * the text before it that Wheelhouse looks at as well.
 */
async function beside(name: string, ticks: readonly string[], { ms, peer }: { ms: number; peer: Local | string }): Promise<Row[]> {
  const reach = ticks.map((_, i) => ticks.slice(Math.max(0, i - REACH_TICKS), i + 1).join(' '));
  const figures = { ours: new Array<number>(), alone: new Array<number>(), same: new Array<number>() };
  let rolling = new RollingText();
  let tick = 0;
  const push = (text: string) => {
    tick += 1;
    // As long as a session of some minutes.
    if (tick % 1000 === 0) rolling = new RollingText();
    return rolling.push(tick, text);
  };
  for (let round = 0; round < 4; round += 1) {
    const ours = await cpuATick(ticks, ms, push);
    const alone = typeof peer === 'string' ? 0 : await cpuATick(ticks, ms, peer);
    const same = typeof peer === 'string' ? 0 : await cpuATick(reach, ms, peer);
    // The first round warms up.
    if (round === 0) continue;
    figures.ours.push(ours);
    figures.alone.push(alone);
    figures.same.push(same);
  }
  const rows = [figure(`Wheelhouse text patterns: CPU a tick of ${name}`, figures.ours, 'written and spoken, across ticks, check digits')];
  if (typeof peer === 'string') return [...rows, { part: PART, kind: 'absent', name: `${PEER}, local checks: ${name}`, why: peer }];
  return [
    ...rows,
    figure(`${PEER} 0.2.1, personal data and secret keys: CPU a tick of ${name}, that tick alone`, figures.alone),
    figure(`the same, with the text before it that Wheelhouse looks at`, figures.same),
    {
      part: PART,
      kind: 'figure',
      name: `times faster on ${name}, that tick alone`,
      unit: 'x',
      value: median(figures.alone) / median(figures.ours),
    },
    {
      part: PART,
      kind: 'figure',
      name: `times faster on ${name}, the same text`,
      unit: 'x',
      value: median(figures.same) / median(figures.ours),
      goals: { least: 1 },
    },
  ];
}

/** What one look at a clean tick costs, call by call. */
function cleanTick(quick: boolean): Row {
  const latencies = new Latencies();
  const ticks = ticksOf([]);
  const batch = 500;
  const rolling = new RollingText();
  for (let round = 0; round < (quick ? 200 : 1000); round += 1) {
    const from = performance.now();
    for (let i = 0; i < batch; i += 1) rolling.push(round * batch + i, ` ${ticks[i % ticks.length] ?? ''}`);
    if (round >= 20) latencies.addMs((performance.now() - from) / batch);
  }
  return { part: PART, kind: 'spread', name: 'scan of a clean tick, mean of 500 in a row', unit: 'us', latencies };
}

/** What one sampled frame costs: 640 by 360 with two lines of text, from JPEG to findings. */
async function frameRow(quick: boolean): Promise<Row> {
  const name = 'on-screen text of a frame, 640 by 360, two lines: CPU';
  try {
    const reader = await createImageText({
      det: await loadWeights(MODELS, 'pp-ocr-detector'),
      rec: await loadWeights(MODELS, 'pp-ocr-recogniser'),
      dictionary: (await loadWeights(MODELS, 'pp-ocr-characters')).toString('utf8'),
    });
    const jpeg = drawText(['HELLO THERE', 'CARD 4111 1111 1111 1111'], { width: 640, height: 360, point: 3 });
    const latencies = new Latencies();
    for (let round = 0; round < (quick ? 8 : 40); round += 1) {
      const from = process.cpuUsage();
      await reader.findingsOf(decodeFrame(jpeg));
      const { user, system } = process.cpuUsage(from);
      if (round >= 3) latencies.addMs((user + system) / 1000);
    }
    return { part: PART, kind: 'spread', name, unit: 'ms', latencies };
  } catch (error) {
    return { part: PART, kind: 'absent', name, why: error instanceof Error ? error.message : String(error) };
  }
}

export async function detectRows(quick: boolean): Promise<Row[]> {
  const peer = peerChecks();
  const ms = quick ? 400 : 2500;
  const lines = readTestSet();
  const held = lines.flatMap(({ text, found }) => (found.length > 0 ? [text] : []));
  const whole = lines.map(({ text }) => text);
  return [
    cleanTick(quick),
    ...(await beside('clean talk', ticksOf([]), { ms, peer })),
    ...(await beside('talk full of personal data', ticksOf(held), { ms, peer })),
    ...(await wholeTexts(whole, { ms, peer })),
    await frameRow(quick),
  ];
}

/** Both on the same whole texts, each for itself: without the help or the burden of what was said before. */
async function wholeTexts(texts: readonly string[], { ms, peer }: { ms: number; peer: Local | string }): Promise<Row[]> {
  if (typeof peer === 'string') return [];
  await cpuATick(texts, ms / 2, findingsIn);
  await cpuATick(texts, ms / 2, peer);
  const ours = await cpuATick(texts, ms, findingsIn);
  const theirs = await cpuATick(texts, ms, peer);
  return [
    { part: PART, kind: 'figure', name: 'Wheelhouse text patterns: CPU a line of the test set', unit: 'us', value: ours },
    { part: PART, kind: 'figure', name: `${PEER} 0.2.1: CPU a line of the test set`, unit: 'us', value: theirs },
    { part: PART, kind: 'figure', name: 'times faster on the test set', unit: 'x', value: theirs / ours, goals: { least: 1 } },
  ];
}
