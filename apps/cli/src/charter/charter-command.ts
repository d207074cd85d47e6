import { type Exit, usage } from '../cli-error.ts';
import { checkCommand } from './check-command.ts';
import { initCommand } from './init-command.ts';

/** `wheelhouse charter check|init`: who can do what under a charter, and a charter to start from. */
export function charterCommand(args: readonly string[]): Exit | Promise<Exit> {
  const [action, ...rest] = args;
  switch (action) {
    case 'check':
      return checkCommand(rest);
    case 'init':
      return initCommand(rest);
    default:
      throw usage(`charter takes check or init${action === undefined ? '' : `, not "${action}"`}.`);
  }
}
