import { build } from 'vite';
import { ensureChrome } from '../src/cli/install_chrome.js';

/**
 * Before all tests: the program is built, because tests of the command line run it as users do, and a browser
 * is found or installed, because a test without one must not pass.
 */
export default async function setup(): Promise<void> {
  process.env.CHROME_PATH = await ensureChrome((line) => process.stderr.write(`${line}\n`));
  await build({ logLevel: 'error' });
}
