// 30 of Unleash's own clients that look each second, and an operator who turns the flag: `node unleash-clients.mjs URL TOKEN ROUNDS`.
// Prints, for each turn and client, the milliseconds from the operator's request until the client knows.
/* global fetch, performance, clearTimeout */
import { InMemStorageProvider, Unleash } from 'unleash-client';

const [url, token, rounds] = process.argv.slice(2);
const FLAG = 'engine-may-speak';
const CLIENTS = 30;
const LONGEST_MS = 20_000;

const clients = Array.from(
  { length: CLIENTS },
  (_, i) =>
    new Unleash({
      url: `${url}/api`,
      appName: 'bench',
      instanceId: `client-${i}`,
      refreshInterval: 1000,
      disableMetrics: true,
      skipInstanceCountWarning: true,
      storageProvider: new InMemStorageProvider(),
      customHeaders: { Authorization: token },
    }),
);
for (const client of clients) client.on('error', () => undefined);
await Promise.all(clients.map((client) => new Promise((resolve) => client.once('synchronized', resolve))));

const took = [];
for (let round = 0; round < Number(rounds); round += 1) {
  const on = round % 2 === 0;
  await new Promise((resolve) => setTimeout(resolve, 1500 + Math.random() * 1000));
  const start = performance.now();
  const known = clients.map(
    (client) =>
      new Promise((resolve, reject) => {
        const timer = setTimeout(() => reject(new Error('a client never learnt of the order')), LONGEST_MS);
        const look = () => {
          if (client.isEnabled(FLAG) !== on) return;
          clearTimeout(timer);
          client.off('changed', look);
          resolve(performance.now() - start);
        };
        client.on('changed', look);
      }),
  );
  const answer = await fetch(`${url}/api/admin/projects/default/features/${FLAG}/environments/development/${on ? 'on' : 'off'}`, {
    method: 'POST',
  });
  if (!answer.ok) throw new Error(`the flag could not be turned: ${answer.status} ${await answer.text()}`);
  took.push(await Promise.all(known));
}
console.log(JSON.stringify({ took }));
process.exit(0);
