// Says whether a browser for the browser tests is at hand, and how to get one where it is not.
import { browserPath } from './browser-path.mjs';

const found = await browserPath();
if (found === null) {
  process.stderr.write(
    'setup: no browser for the browser tests. Install Chrome or Chromium (on Debian: apt-get install chromium), or name one with CHROME_PATH.\n',
  );
  process.exit(1);
}
process.stderr.write(`setup: browser tests use ${found.name}\n`);
