import { execFileSync, spawnSync } from 'node:child_process';
import os from 'node:os';
import { DatabaseError } from './database-error.ts';

type Ids = { readonly uid: number; readonly gid: number };

/** How PostgreSQL's programs are started: as whom, and by what. `owner` has to own the data folder; null when that is whoever runs this. */
export type RunAs = {
  readonly owner: Ids | null;
  readonly wrap: (
    program: string,
    args: readonly string[],
  ) => { readonly command: string; readonly args: string[]; readonly ids: Ids | Record<string, never> };
};

/**
 * PostgreSQL refuses to run as root. Then it runs as the system's `postgres` user, who is created where missing. When that user can't reach
 * the program or the folder, because a folder above them is closed to others (as a home folder is), it is let through to them with one
 * capability, by `setpriv` of util-linux; without `no_setuid_fixup` the kernel's access(2), which initdb asks, would ignore it. Throws `DatabaseError` when neither way is open.
 */
export function postgresUser(needs: { readonly binary: string; readonly folder: string }): RunAs {
  if (process.getuid?.() !== 0) return { owner: null, wrap: (command, args) => ({ command, args: [...args], ids: {} }) };
  const owner = findOrMakeUser();
  if (reaches(needs, (command, args) => spawnSync(command, args, { ...owner, cwd: os.tmpdir() }).status)) {
    return { owner, wrap: (command, args) => ({ command, args: [...args], ids: owner }) };
  }
  const letThrough = (program: string, args: readonly string[]) => {
    const who = [
      `--reuid=${owner.uid}`,
      `--regid=${owner.gid}`,
      '--clear-groups',
      '--inh-caps=+dac_override',
      '--ambient-caps=+dac_override',
      '--securebits=+no_setuid_fixup',
    ];
    return { command: 'setpriv', args: [...who, '--', program, ...args], ids: {} };
  };
  const works = reaches(needs, (program, programArgs) => {
    const { command, args } = letThrough(program, programArgs);
    return spawnSync(command, args, { cwd: os.tmpdir() }).status;
  });
  if (works) return { owner, wrap: letThrough };
  throw new DatabaseError(
    `PostgreSQL does not run as root but as the user "postgres", who can't get to ${needs.folder}: a folder above it is closed to others. Open it (chmod o+x), move the installation, or run it as an ordinary user.`,
  );
}

function reaches({ binary, folder }: { binary: string; folder: string }, run: (command: string, args: string[]) => number | null): boolean {
  return run(binary, ['--version']) === 0 && run('test', ['-x', folder]) === 0;
}

function findOrMakeUser(): Ids {
  const id = (flag: string) =>
    Number.parseInt(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }), 10);
  try {
    return { uid: id('-u'), gid: id('-g') };
  } catch {
    try {
      execFileSync('useradd', ['--system', '--user-group', '--no-create-home', 'postgres'], { stdio: 'pipe' });
      return { uid: id('-u'), gid: id('-g') };
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      throw new DatabaseError(`PostgreSQL won't run as root, and a user "postgres" could not be made: ${why}. Run as an ordinary user.`, {
        cause: error,
      });
    }
  }
}
