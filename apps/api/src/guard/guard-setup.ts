import { existsSync } from 'node:fs';
import path from 'node:path';
import type { GuardSetup } from '@wheelhouse/detect/guard-messages';
import { type WeightsName, weightsManifest } from '@wheelhouse/engine/weights-manifest';

/** How long an answer waits for the slow detectors, in milliseconds: well within a tick of hold-back. */
const WAIT_FOR_MS = 120;
/** Frames of one session that are looked at lie so far apart. */
const IMAGE_EVERY_MS = 1000;

/** What an installation says about its detectors: folders of models that it brings along (null: none), and whether text in images is to be read. */
export type GuardFolders = {
  readonly injection: string | null;
  readonly toxicity: string | null;
  readonly unsafeImage: string | null;
  readonly screenText: boolean;
};

/** What the detectors' worker is started with: of the models that come with Wheelhouse, those that are there. */
export function guardSetup(models: string, { screenText, ...folders }: GuardFolders): GuardSetup {
  const there = (name: WeightsName) => {
    const file = path.join(models, weightsManifest[name].file);
    return existsSync(file) ? file : null;
  };
  const [det, rec, dictionary] = (['pp-ocr-detector', 'pp-ocr-recogniser', 'pp-ocr-characters'] as const).map(there);
  const ocr = !screenText || det == null || rec == null || dictionary == null ? null : { det, rec, dictionary };
  return { models: { silero: there('silero-vad'), ocr, ...folders }, waitForMs: WAIT_FOR_MS, imageEveryMs: IMAGE_EVERY_MS };
}
