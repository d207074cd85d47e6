import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { readWav, type Wav } from '@wheelhouse/engine/wav';
import { hmacSha256 } from '@wheelhouse/installation/node-crypto';
import { readWatermarkKey, WATERMARK_KEY_FILE } from '@wheelhouse/installation/watermark-key';
import { type Detection, detectMark, ONE_FALSE_ALARM_IN } from '@wheelhouse/watermark/detect-mark';
import { HIGHEST_RATE, LOWEST_RATE, toMarkRate } from '@wheelhouse/watermark/to-mark-rate';
import { causeOf, CliError, EXIT, type Exit, usage } from '../cli-error.ts';
import type { Settings } from '../settings.ts';

const OPTIONS = { 'key-file': { type: 'string' }, json: { type: 'boolean' } } as const;

/**
 * `wheelhouse watermark detect FILE.wav`: whether the installation's mark is in a recording. Ends with 0 where it is, with 1 where it was not found, with 2
 * where it can't be looked for: the file, or the key, can't be read.
 */
export function detectCommand(args: readonly string[], settings: Settings): Exit {
  const { values, positionals } = parseArgs({ args: [...args], options: OPTIONS, allowPositionals: true });
  const [file, ...rest] = positionals;
  if (file === undefined || rest.length > 0) throw usage('watermark detect takes one WAV file.');
  const key = keyOf(settings, values['key-file'] ?? null);
  const wav = soundIn(file);
  const best = bestOf(wav, key);
  const { found, score, needed, from, to } = best;
  process.stdout.write(
    values.json === true
      ? `${JSON.stringify({ found, score, needed, from, to, falseAlarms: 1 / ONE_FALSE_ALARM_IN }, null, 2)}\n`
      : detectionText(file, best),
  );
  return found ? EXIT.fine : EXIT.fault;
}

function keyOf({ dataFolder, watermarkKey }: Settings, file: string | null): Uint8Array {
  const kept = path.join(dataFolder, WATERMARK_KEY_FILE);
  try {
    const settings = file === null ? watermarkKey : { key: null, file };
    const key = readWatermarkKey(settings, existsSync(kept) ? readFileSync(kept, 'utf8') : null);
    if (key !== null) return key;
  } catch (error) {
    throw unreadable(causeOf(error), error);
  }
  throw unreadable(
    `There is no key to look for the mark with: no ${kept}. Name one with --key-file, or the data folder with WHEELHOUSE_DATA.`,
  );
}

function soundIn(file: string): Wav {
  let bytes: Uint8Array;
  try {
    bytes = readFileSync(file);
  } catch (error) {
    throw unreadable(`${file} can't be read: ${causeOf(error)}`, error);
  }
  const wav = readWav(bytes);
  if (wav === null || wav.channels === 0) throw unreadable(`${file} is not a WAV file of 16 bit PCM.`);
  if (wav.sampleRate < LOWEST_RATE || wav.sampleRate > HIGHEST_RATE)
    throw unreadable(`${file} has ${wav.sampleRate} samples a second; the mark is looked for between ${LOWEST_RATE} and ${HIGHEST_RATE}.`);
  return wav;
}

/** Each channel by itself: where two people are on a side each, one does not drown the other's mark. */
function bestOf({ channels, sampleRate, samples }: Wav, key: Uint8Array): Detection {
  const each = Array.from({ length: channels }, (_, channel) => {
    const sound = Int16Array.from({ length: Math.floor(samples.length / channels) }, (_, i) => samples[i * channels + channel] ?? 0);
    return detectMark(toMarkRate(sound, sampleRate), { key, hmac: hmacSha256 }, channels);
  });
  return each.reduce((best, one) => (one.score > best.score ? one : best));
}

function detectionText(file: string, { found, score, needed, from, to }: Detection): string {
  const figures = `Score ${score.toFixed(1)}. Sound without the mark exceeds ${needed.toFixed(1)} once in ${ONE_FALSE_ALARM_IN.toLocaleString('en')} recordings.`;
  return found
    ? `The mark is in ${file}, clearest between ${clock(from)} and ${clock(to)}: a machine of the installation with this key made sound in it.\n${figures}\n`
    : `The mark was not found in ${file}. That does not say that no machine made it: it may have another's mark, or none, or have lost it.\n${figures}\n`;
}

function clock(seconds: number): string {
  const whole = Math.floor(seconds);
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, '0')}`;
}

function unreadable(message: string, cause?: unknown): CliError {
  return new CliError(EXIT.usage, message, cause);
}
