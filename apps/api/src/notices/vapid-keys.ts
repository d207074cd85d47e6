import type { DataFolder } from '@wheelhouse/installation/data-folder';
import webPush from 'web-push';
import { z } from 'zod';

const FILE = 'keys/web-push.json';
const Stored = z.object({ publicKey: z.string().min(80), privateKey: z.string().min(40) });

/** The key pair by which push services know this server (RFC 8292), in base64url. Browsers subscribe to the public one. */
export type VapidKeys = z.infer<typeof Stored>;

/** Reads the pair from the data folder; made at first start. With another pair every subscription would be void, so a damaged file throws. */
export function readVapidKeys(folder: DataFolder): VapidKeys {
  const kept = folder.read(FILE);
  if (kept !== null) return Stored.parse(JSON.parse(kept));
  const made = webPush.generateVAPIDKeys();
  folder.write(FILE, JSON.stringify(made));
  return made;
}
