// Unleash's own server with one flag: `node unleash-server.mjs HOST PORT USER PASSWORD DATABASE` of a PostgreSQL. Prints its port.
/* global fetch */
import { start } from 'unleash-server';

const [host, port, user, password, database] = process.argv.slice(2);
const TOKEN = '*:development.benchbenchbenchbenchbenchbenchbench';

const { app, server } = await start({
  db: { host, port: Number(port), user, password, database, ssl: false, schema: 'public', driver: 'postgres', disableMigration: false },
  server: { port: 0, host: '127.0.0.1' },
  authentication: {
    type: 'none',
    initApiTokens: [{ tokenName: 'bench', secret: TOKEN, environment: 'development', project: '*', projects: ['*'], type: 'client' }],
  },
  versionCheck: { enable: false },
  telemetry: false,
  logLevel: 'error',
});
void app;
const at = server.address().port;
const call = async (path, body) => {
  const answer = await fetch(`http://127.0.0.1:${at}/api/admin/projects/default/features${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body ?? {}),
  });
  if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
};
await call('', { name: 'engine-may-speak', type: 'kill-switch' });
await call('/engine-may-speak/environments/development/strategies', { name: 'default', constraints: [], parameters: {} });
console.log(JSON.stringify({ port: at, token: TOKEN }));
