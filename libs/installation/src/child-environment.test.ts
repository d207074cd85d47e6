import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { childEnvironment } from './child-environment.ts';

const PLAIN = { PATH: '/usr/bin', HOME: '/home/wheelhouse', LANG: 'C.UTF-8', NODE_ENV: 'production' };
const SETTINGS = {
  WHEELHOUSE_MASTER_KEY: 'm',
  WHEELHOUSE_DATABASE_APP_URL: 'postgres://app:p@db/w',
  WHEELHOUSE_DATA: '/srv/wheelhouse',
  WHEELHOUSE_NOT_THOUGHT_OF_YET: 'n',
  DATABASE_URL: 'postgres://owner:p@db/w',
  REDIS_URL: 'redis://:p@cache',
  PGPASSWORD: 'p',
  PGPASSFILE: '/home/wheelhouse/.pgpass',
};

describe('the environment of a child process', () => {
  it('has no setting of the installation, and everything else', () => {
    expect(childEnvironment({ ...PLAIN, ...SETTINGS })).toEqual(PLAIN);
  });

  it('has none in other letters either, as Windows takes them', () => {
    const lower = Object.fromEntries(Object.entries(SETTINGS).map(([name, value]) => [name.toLowerCase(), value]));
    expect(childEnvironment({ ...PLAIN, ...lower })).toEqual(PLAIN);
  });

  it('leaves out what is not set, and the environment that it was made from alone', () => {
    const environment = { ...SETTINGS, TZ: undefined };
    expect(childEnvironment(environment)).toEqual({});
    expect(environment).toEqual({ ...SETTINGS, TZ: undefined });
  });

  it('is one that a child can be started with, and all that it sees', () => {
    const script = 'console.log(Object.keys(process.env).filter((name) => /WHEELHOUSE|DATABASE|REDIS|PGPASS/.test(name)).join())';
    const env = childEnvironment({ ...process.env, ...SETTINGS });
    expect(execFileSync(process.execPath, ['-e', script], { env, encoding: 'utf8' }).trim()).toBe('');
  });
});
