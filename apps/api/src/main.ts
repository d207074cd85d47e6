import 'reflect-metadata';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { type Logger, pino } from 'pino';
import { createControlApp } from './control-app.ts';
import { readEnv, type Env } from './env.ts';
import { buildHouse, closeHouse, type House, openHouse } from './house.ts';

/** Keys that would carry content or secrets, should anybody ever log an object that has them. */
const REDACTED = ['*.text', '*.audio', '*.password', '*.key', '*.ticket', '*.token', '*.cookie', '*.authorization'];

async function main(): Promise<void> {
  const env = readEnv();
  const log = pino({ level: env.logLevel, redact: REDACTED, base: null });
  const port = { value: env.port };
  const url = env.url ?? `http://localhost:${port.value}`;
  const house = await buildHouse(env, log, { url });
  const stop = stopper(house, log);
  try {
    await openHouse(house);
    const app = await createControlApp(house);
    stop.app = app;
    await listen(app, env);
    house.folder.writeRunState({ pid: process.pid, url, streamUrl: house.streamUrl(), databaseUrl: house.database.url, node: process.version });
    await announce(house, url);
  } catch (error) {
    await stop.now('the server could not start');
    throw error;
  }
}

async function listen(app: NestFastifyApplication, env: Env): Promise<void> {
  try {
    await app.listen({ host: env.host, port: env.port });
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EADDRINUSE') {
      throw new Error(`Port ${env.port} is taken. Stop what uses it, or set WHEELHOUSE_PORT to another.`, { cause: error });
    }
    throw error;
  }
}

/** The words a person waits for after `npm start`. */
async function announce(house: House, url: string): Promise<void> {
  const link = await house.people.firstLink();
  const lines = link === null ? [`Wheelhouse runs. Sign in at ${url}`] : ['Wheelhouse runs. Your one-time operator link, good for one hour:', '', `    ${link}`];
  process.stdout.write(`\n${lines.join('\n')}\n\n`);
}

/** Stops the house once, whoever asks first: a signal, or a failure while starting. */
function stopper(house: House, log: Logger) {
  let stopping: Promise<void> | null = null;
  const stop = {
    app: null as NestFastifyApplication | null,
    now: (reason: string): Promise<void> => {
      stopping ??= (async () => {
        await closeHouse(house, reason);
        await stop.app?.close();
      })();
      return stopping;
    },
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      log.info({ signal }, 'stopping');
      stop.now('the server is stopping').then(
        () => process.exit(0),
        (error: unknown) => {
          log.fatal({ err: error }, 'the stop failed');
          process.exit(1);
        },
      );
    });
  }
  return stop;
}

main().catch((error: unknown) => {
  const message = error instanceof Error ? error.message : String(error);
  process.stderr.write(`\nWheelhouse could not start.\n${message}\n\n`);
  if (process.env['WHEELHOUSE_LOG'] === 'debug' && error instanceof Error) process.stderr.write(`${error.stack ?? ''}\n`);
  process.exit(1);
});
