import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';

/** Where browsers usually lie, most wanted first. */
const USUAL = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/usr/bin/google-chrome-stable',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
];

/**
 * A Chrome or Chromium that starts: the one named by CHROME_PATH, an installed one, or the one that the package @sparticuz/chromium carries
 * for Linux. Null when there is none.
 * @returns {Promise<{ path: string, name: string, args: string[] } | null>}
 */
export async function browserPath() {
  const named = process.env.CHROME_PATH;
  for (const path of named === undefined ? USUAL : [named]) {
    if (existsSync(path) && starts(path)) return { path, name: path, args: [] };
  }
  if (process.platform !== 'linux') return null;
  try {
    const { default: chromium } = await import('@sparticuz/chromium');
    const path = await chromium.executablePath();
    return starts(path) ? { path, name: '@sparticuz/chromium', args: [] } : null;
  } catch {
    return null;
  }
}

function starts(path) {
  try {
    execFileSync(path, ['--version'], { stdio: 'pipe', timeout: 30_000 });
    return true;
  } catch {
    return false;
  }
}
