import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';
import { isoCBOR } from '@simplewebauthn/server/helpers';
import type { Signed } from '@wheelhouse/protocol/proposed-act';
import type { SignedIn, TestServer } from './server.ts';

type Cbor = Parameters<typeof isoCBOR.encode>[0];

const FLAGS = { up: 0x01, uv: 0x04, at: 0x40 };

/** A passkey in software: makes real WebAuthn credentials and assertions (ES256), as an authenticator would, and whatever else a test asks of it. */
export class SoftwarePasskey {
  readonly credential = randomBytes(16).toString('base64url');
  readonly #private: KeyObject;
  readonly #cose: Uint8Array;
  readonly rpId: string;
  readonly origin: string;

  constructor(url: string) {
    this.rpId = new URL(url).hostname;
    this.origin = new URL(url).origin;
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    this.#private = privateKey;
    const { x = '', y = '' } = publicKey.export({ format: 'jwk' });
    const point = (text: string) => new Uint8Array(Buffer.from(text, 'base64url'));
    // COSE_Key: kty EC2, alg ES256, crv P-256 (RFC 9053).
    this.#cose = isoCBOR.encode(
      new Map<number, number | Uint8Array>([
        [1, 2],
        [3, -7],
        [-1, 1],
        [-2, point(x)],
        [-3, point(y)],
      ]),
    );
  }

  get publicKey(): string {
    return Buffer.from(this.#cose).toString('base64url');
  }

  /** Adds it to somebody's account, as a browser does. */
  async register(server: TestServer, person: SignedIn): Promise<void> {
    const headers = { cookie: person.cookie, origin: server.url, 'content-type': 'application/json' };
    const asked = await fetch(`${server.url}/api/auth/passkey/generate-register-options?name=test`, { headers });
    const challengeCookie = asked.headers
      .getSetCookie()
      .map((one) => one.split(';')[0] ?? '')
      .join('; ');
    const options: unknown = await asked.json();
    const challenge = typeof options === 'object' && options !== null && 'challenge' in options ? String(options.challenge) : '';
    const clientData = this.#clientData('webauthn.create', challenge);
    const id = Buffer.from(this.credential, 'base64url');
    const length = Buffer.from([0, id.length]);
    const authData = Buffer.concat([this.#authData(FLAGS.up | FLAGS.uv | FLAGS.at), Buffer.alloc(16), length, id, this.#cose]);
    const attestation = isoCBOR.encode(
      new Map<string | number, Cbor>([
        ['fmt', 'none'],
        ['attStmt', new Map<string | number, Cbor>()],
        ['authData', new Uint8Array(authData)],
      ]),
    );
    const response = {
      id: this.credential,
      rawId: this.credential,
      type: 'public-key',
      clientExtensionResults: {},
      response: {
        clientDataJSON: clientData.toString('base64url'),
        attestationObject: Buffer.from(attestation).toString('base64url'),
        transports: ['internal'],
      },
    };
    const added = await fetch(`${server.url}/api/auth/passkey/verify-registration`, {
      method: 'POST',
      headers: { ...headers, cookie: `${person.cookie}; ${challengeCookie}` },
      body: JSON.stringify({ response, name: 'test' }),
    });
    if (!added.ok) throw new Error(`the passkey was not added: ${added.status} ${await added.text()}`);
  }

  /** An assertion over a challenge. `how` bends it, for tests that forge. */
  sign(challenge: Uint8Array | string, how: { verified?: boolean; origin?: string; type?: string; site?: string } = {}): Signed {
    const text = typeof challenge === 'string' ? challenge : Buffer.from(challenge).toString('base64url');
    const clientData = this.#clientData(how.type ?? 'webauthn.get', text, how.origin);
    const authenticatorData = this.#authData(FLAGS.up | (how.verified === false ? 0 : FLAGS.uv), how.site);
    const signature = sign('sha256', Buffer.concat([authenticatorData, sha256(clientData)]), this.#private);
    return {
      credential: this.credential,
      authenticatorData: authenticatorData.toString('base64url'),
      clientData: clientData.toString('base64url'),
      signature: signature.toString('base64url'),
    };
  }

  #authData(flags: number, site = this.rpId): Buffer {
    return Buffer.concat([sha256(Buffer.from(site)), Buffer.from([flags]), Buffer.alloc(4)]);
  }

  #clientData(type: string, challenge: string, origin = this.origin): Buffer {
    return Buffer.from(JSON.stringify({ type, challenge, origin, crossOrigin: false }));
  }
}

function sha256(bytes: Uint8Array): Buffer {
  return createHash('sha256').update(bytes).digest();
}
