type Environment = Readonly<Record<string, string | undefined>>;

/** Names that the server's settings have without the prefix, or that the driver of its database reads by itself: each may hold a password. */
const SECRET = new Set(['DATABASE_URL', 'REDIS_URL', 'PGPASSWORD', 'PGPASSFILE']);

/**
 * What of an environment a child process gets that is not trusted with the installation's settings: everything but `WHEELHOUSE_*`, among them the
 * master key, and the addresses and passwords of databases. What the child does need of these, its caller adds by name.
 */
export function childEnvironment(environment: Environment): Record<string, string> {
  const kept = Object.entries(environment).filter(([name]) => !isSetting(name));
  return Object.fromEntries(kept.flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])));
}

/** Windows takes names in any case. */
function isSetting(name: string): boolean {
  const upper = name.toUpperCase();
  return upper.startsWith('WHEELHOUSE_') || SECRET.has(upper);
}
