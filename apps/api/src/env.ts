import { existsSync } from 'node:fs';
import type { BlockList } from 'node:net';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import type { WatermarkKeySettings } from '@wheelhouse/installation/watermark-key';
import { plainText } from '@wheelhouse/protocol/text';
import { z } from 'zod';
import type { MasterKeySettings } from './content/master-key.ts';
import { type Upstream, upstreamOf } from './engine/upstream-env.ts';
import type { GuardFolders } from './guard/guard-setup.ts';
import { parseProxies } from './identity/caller-address.ts';
import { parseWitnesses, type WitnessAddress } from './ledger/witness-settings.ts';
import type { MailSettings } from './notices/send-mail.ts';
import { readTlsIdentity, TlsError, type TlsIdentity } from './tls.ts';

/** Where the binary tick protocol is. An address without a path means this one. */
const STREAM_PATH = '/v1/stream';
const Port = z.coerce.number().int().min(0).max(65_535);

/** The settings of an installation. This file is the one place that reads the environment. */
const Variables = z.object({
  /** Address that both ports listen on. Leave it on loopback unless TLS stands in front, or is spoken here (WHEELHOUSE_TLS_CERT). */
  WHEELHOUSE_HOST: z.string().default('127.0.0.1'),
  /** Port of the console, REST and the operator channel; 0 takes a free one. */
  WHEELHOUSE_PORT: Port.default(7400),
  /** Port of the stream threads; 0 takes a free one. */
  WHEELHOUSE_STREAM_PORT: Port.default(7401),
  /** Certificate chain and private key, PEM files: with both, both ports speak TLS (https and wss) and nothing else. */
  WHEELHOUSE_TLS_CERT: z.string().min(1).optional(),
  WHEELHOUSE_TLS_KEY: z.string().min(1).optional(),
  /** The address under which people and clients reach the console, when it is not http://localhost:PORT. */
  WHEELHOUSE_URL: z.url().optional(),
  /** The WebSocket address of the stream threads as clients reach it, when it is not ws://HOST:PORT: wss://stream.example.org. */
  WHEELHOUSE_STREAM_URL: z
    .url({ protocol: /^wss?$/ })
    .transform((text) => (new URL(text).pathname === '/' ? new URL(STREAM_PATH, text).href : text))
    .optional(),
  /** Addresses or subnets of proxies in front, separated by commas: of these, `x-forwarded-for` is believed when sign-in attempts are counted. */
  WHEELHOUSE_TRUSTED_PROXY: z
    .string()
    .default('')
    .transform((text, context): BlockList => {
      const proxies = parseProxies(text);
      if (proxies.ok) return proxies.value;
      context.addIssue({ code: 'custom', message: proxies.message });
      return z.NEVER;
    }),
  /** Folder for the database, keys, model files and write-ahead file. */
  WHEELHOUSE_DATA: z.string().optional(),
  /** A PostgreSQL of yours. Unset: PostgreSQL's own binaries are started with data under the folder. */
  DATABASE_URL: z.string().startsWith('postgres').optional(),
  /** With DATABASE_URL: the same database as a role of its own for the server, when the owner may not make one. */
  WHEELHOUSE_DATABASE_APP_URL: z.string().startsWith('postgres').optional(),
  /** Port of the built-in PostgreSQL; 0 takes a free one. */
  WHEELHOUSE_DB_PORT: Port.default(0),
  /** How many sessions there is room for, live and waiting. */
  WHEELHOUSE_MAX_SESSIONS: z.coerce.number().int().min(1).max(100_000).default(4096),
  /** Stream threads; 0 takes one for each spare core. */
  WHEELHOUSE_STREAM_THREADS: z.coerce.number().int().min(0).max(64).default(0),
  /** REST requests that one caller (a key, a person, or an unknown one's address) may make in a minute; 0: no limit. What restricts is never limited. */
  WHEELHOUSE_RATE_LIMIT: z
    .string()
    .regex(/^\d{1,7}$/)
    .default('1200')
    .transform(Number),
  /** Questions to policy (/v1/decisions and AuthZEN's own paths) that a key or person may ask in a minute, counted beside the above; 0: no limit. */
  WHEELHOUSE_DECISION_LIMIT: z
    .string()
    .regex(/^\d{1,7}$/)
    .default('60000')
    .transform(Number),
  /** A waiting session without a client ends after this many seconds. */
  WHEELHOUSE_SESSION_WAIT_S: z.coerce.number().int().min(5).default(600),
  /**
   * Whether anybody may read the ledger's checkpoint, tiles and entries under /log/, as C2SP tlog-tiles says. Off unless asked for: entries
   * hold the reasons that operators wrote.
   */
  WHEELHOUSE_PUBLIC_LOG: z.stringbool().default(false),
  /**
   * Whether anybody may read /transparency without an account: the charter with its people's names, its history, seats and terms, override statistics and
   * the latest tree head.
   */
  WHEELHOUSE_TRANSPARENCY: z.stringbool().default(false),
  /** Witnesses that cosign tree heads: VKEY@URL, separated by commas, each as `wheelhouse witness` prints it. */
  WHEELHOUSE_WITNESSES: z
    .string()
    .default('')
    .transform((text, context): readonly WitnessAddress[] => {
      const witnesses = parseWitnesses(text);
      if (witnesses.ok) return witnesses.value;
      context.addIssue({ code: 'custom', message: witnesses.message });
      return z.NEVER;
    }),
  /** How many of them have to cosign a tree head before it is published. Unset: all. */
  WHEELHOUSE_WITNESS_QUORUM: z.coerce.number().int().min(0).optional(),
  /** Operators are alarmed when, for this many seconds, too few witnesses answer. */
  WHEELHOUSE_WITNESS_ALARM_S: z.coerce.number().min(1).default(10),
  /** The master key that wraps the keys of data subjects: 32 bytes in base64. Unset: from a file. */
  WHEELHOUSE_MASTER_KEY: z.string().min(1).optional(),
  /** A file with the master key. Unset: `keys/master.key` in the data folder, made at first start. */
  WHEELHOUSE_MASTER_KEY_FILE: z.string().min(1).optional(),
  /** The key of the mark that policy has put on sound (docs/watermark.md): 32 bytes in base64. Unset: from a file. */
  WHEELHOUSE_WATERMARK_KEY: z.string().min(1).optional(),
  /** A file with that key. Unset: `keys/watermark.key` in the data folder, made at first start. */
  WHEELHOUSE_WATERMARK_KEY_FILE: z.string().min(1).optional(),
  /** The database is checked against the signed heads each time this many seconds have passed. */
  WHEELHOUSE_CHECK_EVERY_S: z.coerce.number().min(1).default(3600),
  /** A Redis for the queues of jobs. Unset: they are in the database. */
  REDIS_URL: z.string().startsWith('redis').optional(),
  /** An export's file is deleted after this many hours; one that waits for a second person is void after as many. */
  WHEELHOUSE_EXPORT_KEEP_H: z.coerce.number().positive().default(168),
  /** A link to an export's file ends after this many seconds. */
  WHEELHOUSE_EXPORT_LINK_S: z.coerce.number().positive().default(600),
  /** The server that takes mail: smtps://USER:PASSWORD@HOST, or smtp:// for STARTTLS. Unset: notices do not leave by mail. */
  WHEELHOUSE_SMTP_URL: z.url({ protocol: /^smtps?$/ }).optional(),
  /** Whom mail comes from, such as "Wheelhouse <wheelhouse@example.org>". Needed with WHEELHOUSE_SMTP_URL. */
  WHEELHOUSE_MAIL_FROM: plainText(200).min(3).optional(),
  /** After which pauses, in milliseconds and separated by commas, a delivery of a notice that was in vain is tried again. */
  WHEELHOUSE_NOTICE_RETRY_MS: z
    .string()
    .regex(/^\d{1,9}(,\d{1,9})*$/)
    .default('10000,60000,300000,1800000,7200000')
    .transform((text) => text.split(',').map(Number)),
  /** A server that speaks the OpenAI Realtime protocol, such as wss://HOST/v1/realtime: it is offered as a deployment. */
  WHEELHOUSE_UPSTREAM_URL: z.url({ protocol: /^wss?$/ }).optional(),
  /** The model to ask of it. Needed with WHEELHOUSE_UPSTREAM_URL. */
  WHEELHOUSE_UPSTREAM_MODEL: plainText(200).min(1).optional(),
  /** The key that it wants. Unset: none. Only the engine process gets it, and not in its environment. */
  WHEELHOUSE_UPSTREAM_KEY: z.string().min(1).optional(),
  /** A file with the key. */
  WHEELHOUSE_UPSTREAM_KEY_FILE: z.string().min(1).optional(),
  /** The deployment's name. */
  WHEELHOUSE_UPSTREAM_NAME: plainText(200).min(1).default('upstream'),
  /** A file of certificates (PEM) by which its certificate is judged, where no public authority has signed it. */
  WHEELHOUSE_UPSTREAM_CA: z.string().min(1).optional(),
  /** The model of the upstream that writes down what the person says; `none` where it has none. */
  WHEELHOUSE_UPSTREAM_TRANSCRIPTION: plainText(200).min(1).default('gpt-4o-mini-transcribe'),
  /** Folders with a classifier each, in the Hugging Face export layout (docs/detectors.md): of prompt injection, of toxicity, of unsafe images. */
  WHEELHOUSE_INJECTION_MODEL: z.string().min(1).optional(),
  WHEELHOUSE_TOXICITY_MODEL: z.string().min(1).optional(),
  WHEELHOUSE_UNSAFE_IMAGE_MODEL: z.string().min(1).optional(),
  /** Whether text in video frames is read and scanned. It takes a fifth of a second of CPU for each frame that is looked at, one a second and session. */
  WHEELHOUSE_SCREEN_TEXT: z.stringbool().default(true),
  WHEELHOUSE_LOG: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'silent']).default('info'),
  NODE_ENV: z.string().optional(),
});

export type Env = {
  readonly host: string;
  readonly port: number;
  readonly streamPort: number;
  /** What both ports identify themselves with; null: they speak plain HTTP. */
  readonly tls: TlsIdentity | null;
  readonly url: string | null;
  readonly streamUrl: string | null;
  readonly trustedProxies: BlockList;
  readonly dataFolder: string;
  readonly databaseUrl: string | null;
  /** The server's own role on that database; null where it makes one. */
  readonly databaseAppUrl: string | null;
  readonly databasePort: number;
  readonly maxSessions: number;
  readonly streamThreads: number;
  readonly sessionWaitMs: number;
  /** REST requests of one caller in a minute; 0: no limit. */
  readonly rateLimit: number;
  /** Questions to policy of one caller in a minute; 0: no limit. */
  readonly decisionLimit: number;
  readonly publicLog: boolean;
  readonly transparency: boolean;
  readonly witnesses: { readonly addresses: readonly WitnessAddress[]; readonly quorum: number; readonly alarmAfterMs: number };
  readonly masterKey: MasterKeySettings;
  readonly watermarkKey: WatermarkKeySettings;
  /** How often the whole database is held against the signed heads. */
  readonly checkEveryMs: number;
  readonly redisUrl: string | null;
  /** For how long files of exports are kept, and links to them good. */
  readonly exports: { readonly keepMs: number; readonly linkMs: number };
  /** How notices leave by mail (null: not), and the pauses between tries to deliver one. */
  readonly notices: { readonly mail: MailSettings | null; readonly retryMs: readonly number[] };
  /** Folders of models for detectors. */
  readonly guard: GuardFolders;
  /** A server beyond ours whose model is offered to sessions; null: none. */
  readonly upstream: Upstream | null;
  readonly logLevel: string;
  /** Folder of the repository, where the console's build and the migrations lie. */
  readonly root: string;
};

export class EnvError extends Error {
  override readonly name = 'EnvError';
}

/** Reads and checks the environment once, at start. Throws `EnvError` that names each wrong variable. */
export function readEnv(variables: NodeJS.ProcessEnv = process.env): Env {
  const parsed = Variables.safeParse(variables);
  if (!parsed.success) {
    const lines = parsed.error.issues.map((issue) => `  ${issue.path.join('.')}: ${issue.message}`);
    throw new EnvError(`The environment has settings that can't be used:\n${lines.join('\n')}`);
  }
  const it = parsed.data;
  const quorum = it.WHEELHOUSE_WITNESS_QUORUM ?? it.WHEELHOUSE_WITNESSES.length;
  if (quorum > it.WHEELHOUSE_WITNESSES.length) {
    throw new EnvError(
      `WHEELHOUSE_WITNESS_QUORUM is ${quorum}, but WHEELHOUSE_WITNESSES names ${it.WHEELHOUSE_WITNESSES.length}: no tree head could ever be published.`,
    );
  }
  const root = rootFolder(import.meta.dirname);
  return {
    host: it.WHEELHOUSE_HOST,
    port: it.WHEELHOUSE_PORT,
    streamPort: it.WHEELHOUSE_STREAM_PORT,
    tls: tlsOf(it.WHEELHOUSE_TLS_CERT, it.WHEELHOUSE_TLS_KEY),
    url: it.WHEELHOUSE_URL ?? null,
    streamUrl: it.WHEELHOUSE_STREAM_URL ?? null,
    trustedProxies: it.WHEELHOUSE_TRUSTED_PROXY,
    dataFolder: path.resolve(root, it.WHEELHOUSE_DATA ?? '.wheelhouse'),
    databaseUrl: it.DATABASE_URL ?? null,
    databaseAppUrl: it.WHEELHOUSE_DATABASE_APP_URL ?? null,
    databasePort: it.WHEELHOUSE_DB_PORT,
    maxSessions: it.WHEELHOUSE_MAX_SESSIONS,
    streamThreads: it.WHEELHOUSE_STREAM_THREADS > 0 ? it.WHEELHOUSE_STREAM_THREADS : Math.max(1, availableParallelism() - 1),
    sessionWaitMs: it.WHEELHOUSE_SESSION_WAIT_S * 1000,
    rateLimit: it.WHEELHOUSE_RATE_LIMIT,
    decisionLimit: it.WHEELHOUSE_DECISION_LIMIT,
    publicLog: it.WHEELHOUSE_PUBLIC_LOG,
    transparency: it.WHEELHOUSE_TRANSPARENCY,
    witnesses: { addresses: it.WHEELHOUSE_WITNESSES, quorum, alarmAfterMs: it.WHEELHOUSE_WITNESS_ALARM_S * 1000 },
    masterKey: { key: it.WHEELHOUSE_MASTER_KEY ?? null, file: it.WHEELHOUSE_MASTER_KEY_FILE ?? null },
    watermarkKey: { key: it.WHEELHOUSE_WATERMARK_KEY ?? null, file: it.WHEELHOUSE_WATERMARK_KEY_FILE ?? null },
    checkEveryMs: it.WHEELHOUSE_CHECK_EVERY_S * 1000,
    redisUrl: it.REDIS_URL ?? null,
    notices: { mail: mailOf(it.WHEELHOUSE_SMTP_URL, it.WHEELHOUSE_MAIL_FROM), retryMs: it.WHEELHOUSE_NOTICE_RETRY_MS },
    exports: { keepMs: it.WHEELHOUSE_EXPORT_KEEP_H * 3_600_000, linkMs: it.WHEELHOUSE_EXPORT_LINK_S * 1000 },
    guard: {
      injection: it.WHEELHOUSE_INJECTION_MODEL ?? null,
      toxicity: it.WHEELHOUSE_TOXICITY_MODEL ?? null,
      unsafeImage: it.WHEELHOUSE_UNSAFE_IMAGE_MODEL ?? null,
      screenText: it.WHEELHOUSE_SCREEN_TEXT,
    },
    upstream: upstreamFrom(it),
    logLevel: it.WHEELHOUSE_LOG,
    root,
  };
}

function tlsOf(certFile: string | undefined, keyFile: string | undefined): TlsIdentity | null {
  try {
    return readTlsIdentity(certFile, keyFile);
  } catch (error) {
    throw error instanceof TlsError ? new EnvError(error.message, { cause: error }) : error;
  }
}

function mailOf(smtpUrl: string | undefined, from: string | undefined): MailSettings | null {
  if (smtpUrl === undefined) return null;
  if (from === undefined) throw new EnvError('WHEELHOUSE_SMTP_URL is set, so WHEELHOUSE_MAIL_FROM has to say whom mail comes from.');
  return { smtpUrl, from };
}

function upstreamFrom(variables: Parameters<typeof upstreamOf>[0]): Upstream | null {
  try {
    return upstreamOf(variables);
  } catch (error) {
    throw new EnvError(error instanceof Error ? error.message : String(error), { cause: error });
  }
}

function rootFolder(from: string): string {
  let folder = from;
  while (!existsSync(path.join(folder, 'prisma', 'schema.prisma'))) {
    const parent = path.dirname(folder);
    if (parent === folder) throw new EnvError('The folder of the installation (with prisma/schema.prisma in it) was not found.');
    folder = parent;
  }
  return folder;
}
