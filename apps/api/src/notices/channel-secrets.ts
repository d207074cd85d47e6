import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';

const IV_BYTES = 12;
const TAG_BYTES = 16;

/** What was sealed is not readable with this installation's secret: it was altered, or the data folder is another. */
export class SealError extends Error {
  override readonly name = 'SealError';
}

/**
 * The secrets of channels, all from the one of the installation. The addresses that notices go to are sealed in the database, for an incoming webhook
 * or a push subscription is a secret of its receiver; the keys that webhooks are signed with are derived, and stored nowhere.
 */
export class ChannelSecrets {
  readonly #secret: string;
  readonly #sealing: Buffer;

  constructor(secret: string) {
    this.#secret = secret;
    this.#sealing = this.#derived('wheelhouse notices: seal the addresses of channels');
  }

  /** What a receiver checks signatures with: `whsec_` and 32 bytes in base64, as Standard Webhooks says. The same for a channel each time. */
  signingSecret(channel: string): string {
    return `whsec_${this.#derived(`wheelhouse notices: sign for channel ${channel}`).toString('base64')}`;
  }

  seal(channel: string, text: string): string {
    const iv = randomBytes(IV_BYTES);
    const cipher = createCipheriv('aes-256-gcm', this.#sealing, iv).setAAD(Buffer.from(channel));
    return Buffer.concat([iv, cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()]).toString('base64');
  }

  /** Throws `SealError` for what was not sealed for this channel by this installation. */
  open(channel: string, sealed: string): string {
    const bytes = Buffer.from(sealed, 'base64');
    try {
      const decipher = createDecipheriv('aes-256-gcm', this.#sealing, bytes.subarray(0, IV_BYTES), { authTagLength: TAG_BYTES });
      decipher.setAAD(Buffer.from(channel)).setAuthTag(bytes.subarray(-TAG_BYTES));
      return Buffer.concat([decipher.update(bytes.subarray(IV_BYTES, -TAG_BYTES)), decipher.final()]).toString('utf8');
    } catch (error) {
      throw new SealError('The address of a channel cannot be read with the secret of this data folder.', { cause: error });
    }
  }

  /** As `open`, for lists that must not fail over one channel: null instead. */
  openOrNull(channel: string, sealed: string): string | null {
    try {
      return this.open(channel, sealed);
    } catch (error) {
      if (error instanceof SealError) return null;
      throw error;
    }
  }

  #derived(purpose: string): Buffer {
    return Buffer.from(hkdfSync('sha256', this.#secret, '', purpose, 32));
  }
}
