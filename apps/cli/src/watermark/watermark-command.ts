import { type Exit, usage } from '../cli-error.ts';
import type { Settings } from '../settings.ts';
import { detectCommand } from './detect-command.ts';

/** `wheelhouse watermark detect`: looks for the mark that policy has put on sound. */
export function watermarkCommand(args: readonly string[], settings: Settings): Exit {
  const [action, ...rest] = args;
  if (action !== 'detect') throw usage(`watermark takes detect${action === undefined ? '' : `, not "${action}"`}.`);
  return detectCommand(rest, settings);
}
