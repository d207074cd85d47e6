import { createTransport } from 'nodemailer';
import { codeOf, DeliveryError } from './delivery-error.ts';
import type { Send } from './parcel.ts';
import type { Addresses } from './records.ts';

/** The mail server, and whom mail comes from. */
export type MailSettings = { readonly smtpUrl: string; readonly from: string };

/** Sends one message. Rejects with whatever the mail server said. */
export type SendMail = (message: { to: string; subject: string; text: string; messageId: string }) => Promise<void>;

type Parts = { readonly sendMail: SendMail | null; readonly addresses: Addresses; readonly host: string };

const LOOPBACK = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/;

/** Mail to a person's own address. `sendMail` is null where the installation sends none. */
export function mailSender({ sendMail, addresses, host }: Parts): Send {
  return async ({ delivery, notice, link }, signal) => {
    const to = (await addresses.of([notice.person])).get(notice.person);
    if (sendMail === null || to === undefined) throw new DeliveryError('no mail reaches this person', { gone: true });
    const subject = `[Wheelhouse] ${notice.urgent ? 'Urgent: ' : ''}${notice.title}`;
    const text = `${notice.title}\n\n${link}\n\nWheelhouse sends you this because it waits for you. Mail is switched off in the console, under the bell.\n`;
    try {
      await unlessStopped(sendMail({ to, subject, text, messageId: `<${delivery}@${host}>` }), signal);
    } catch (error) {
      signal.throwIfAborted();
      throw new DeliveryError(`the mail server did not take it (${answerOf(error)})`, { cause: error });
    }
  };
}

/** A mail that is under way when the server stops is not waited for: it may arrive, and come a second time under the same id. */
async function unlessStopped(sending: Promise<void>, signal: AbortSignal): Promise<void> {
  const { promise, reject } = Promise.withResolvers<never>();
  const stop = () => {
    reject(new Error('the server is stopping'));
  };
  signal.addEventListener('abort', stop);
  try {
    await Promise.race([sending, promise]);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

/** By SMTP. Outside of this machine it is encrypted, or it is not sent. */
export function smtp({ smtpUrl, from }: MailSettings, withinMs: number): SendMail {
  const url = new URL(smtpUrl);
  const secure = url.protocol === 'smtps:';
  const user = decodeURIComponent(url.username);
  const transport = createTransport({
    host: url.hostname.replace(/^\[(.*)\]$/, '$1'),
    port: url.port === '' ? (secure ? 465 : 587) : Number(url.port),
    secure,
    requireTLS: !secure && !LOOPBACK.test(url.hostname),
    ...(user === '' ? {} : { auth: { user, pass: decodeURIComponent(url.password) } }),
    connectionTimeout: withinMs,
    greetingTimeout: withinMs,
    socketTimeout: withinMs,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  return async (message) => {
    // "auto-generated" (RFC 3834): no out-of-office answers to it.
    await transport.sendMail({ ...message, from, headers: { 'Auto-Submitted': 'auto-generated' } });
  };
}

/** What a mail server's refusal comes down to. Its own text stays out: it may repeat the address. */
function answerOf(error: unknown): string {
  const status = error instanceof Error && 'responseCode' in error && typeof error.responseCode === 'number' ? error.responseCode : null;
  return status === null ? (codeOf(error) ?? 'no answer') : String(status);
}
