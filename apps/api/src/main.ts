import 'reflect-metadata';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { type Logger, pino } from 'pino';
import { freePort } from '@wheelhouse/installation/free-port';
import { createControlApp } from './control-app.ts';
import { readEnv } from './env.ts';
import { rehearseOrders } from './orders/rehearsal.ts';
import { FIRST_EMAIL } from './identity/people.ts';
import { buildHouse, closeHouse, type House, openHouse } from './house.ts';

/** Keys that would carry content or secrets, should anybody ever log an object that has them. */
const REDACTED = ['*.text', '*.audio', '*.password', '*.key', '*.ticket', '*.token', '*.cookie', '*.authorization'];

async function main(): Promise<void> {
  const env = readEnv();
  const log = pino({ level: env.logLevel, redact: REDACTED, base: null });
  const port = env.port === 0 ? await freePort() : env.port;
  const url = env.url ?? `${env.tls === null ? 'http' : 'https'}://localhost:${port}`;
  const house = await buildHouse(env, log, { url });
  const stop = new Stopper(house, log);
  try {
    await openHouse(house);
    const app = await createControlApp(house);
    stop.app = app;
    await app.init();
    await app.getHttpAdapter().getInstance().ready();
    await rehearseOrders(app, house.registry);
    await listen(app, env.host, port);
    house.folder.writeRunState({
      pid: process.pid,
      url,
      streamUrl: house.streamUrl(),
      databaseUrl: house.database.url,
      node: process.version,
    });
    await announce(house, url);
  } catch (error) {
    await stop.now('the server could not start');
    throw error;
  }
}

async function listen(app: NestFastifyApplication, host: string, port: number): Promise<void> {
  try {
    await app.listen({ host, port });
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EADDRINUSE') {
      throw new Error(`Port ${port} is taken. Stop what uses it, or set WHEELHOUSE_PORT to another.`, { cause: error });
    }
    throw error;
  }
}

/** The words a person waits for after `npm start`. */
async function announce(house: House, url: string): Promise<void> {
  const link = await house.people.firstLink();
  const lines =
    link === null
      ? [`Wheelhouse runs. Sign in at ${url}`]
      : [
          'Wheelhouse runs. Your one-time operator link, good for one hour:',
          '',
          `    ${link}`,
          '',
          `With a password you sign in later as ${FIRST_EMAIL}.`,
        ];
  process.stdout.write(`\n${lines.join('\n')}\n\n`);
}

/** Stops the house once, whoever asks first: a signal, or a failure while starting. */
class Stopper {
  app: NestFastifyApplication | null = null;
  readonly #house: House;
  #stopping: Promise<void> | null = null;

  constructor(house: House, log: Logger) {
    this.#house = house;
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      process.on(signal, () => {
        log.info({ signal }, 'stopping');
        this.now('the server is stopping').then(
          () => process.exit(0),
          (error: unknown) => {
            log.fatal({ err: error }, 'the stop failed');
            process.exit(1);
          },
        );
      });
    }
  }

  now(reason: string): Promise<void> {
    this.#stopping ??= closeHouse(this.#house, reason).then(() => this.app?.close());
    return this.#stopping;
  }
}

main().catch((error: unknown) => {
  const message = error instanceof Error ? error.message : String(error);
  process.stderr.write(`\nWheelhouse could not start.\n${message}\n\n`);
  if (process.env['WHEELHOUSE_LOG'] === 'debug' && error instanceof Error) process.stderr.write(`${error.stack ?? ''}\n`);
  process.exit(1);
});
