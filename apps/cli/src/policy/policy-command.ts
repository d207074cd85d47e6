import { type Exit, usage } from '../cli-error.ts';
import type { Settings } from '../settings.ts';
import { explainCommand } from './explain-command.ts';
import { lintCommand } from './lint-command.ts';
import { replayCommand } from './replay-command.ts';
import { testCommand } from './test-command.ts';

/** `wheelhouse policy test|lint|explain|replay`: what a folder of policies says, and what is wrong with it. */
export function policyCommand(args: readonly string[], settings: Settings): Exit | Promise<Exit> {
  const [action, ...rest] = args;
  switch (action) {
    case 'test':
      return testCommand(rest);
    case 'lint':
      return lintCommand(rest);
    case 'explain':
      return explainCommand(rest);
    case 'replay':
      return replayCommand(rest, settings);
    default:
      throw usage(`policy takes test, lint, explain or replay${action === undefined ? '' : `, not "${action}"`}.`);
  }
}
