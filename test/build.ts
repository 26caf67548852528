import { ensureChrome } from '../src/cli/install_chrome.js';
import { startBroker } from './shared/broker.js';
import { built } from './shared/built.js';

/**
 * Before all tests: the program is built, because tests of the command line run it as users do, and a browser
 * is found or installed, because a test without one must not pass. @returns what ends it after them
 */
export default async function setup(): Promise<() => Promise<void>> {
  process.env.CHROME_PATH = await ensureChrome((line) => process.stderr.write(`${line}\n`));
  await built('dist', 'vite.config.ts');
  const broker = await startBroker();
  process.env.TEST_BROKER = broker.url;
  return () => broker.close();
}
