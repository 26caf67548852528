import { ensureChrome } from '../src/cli/install_chrome.js';
import { type Broker, startBroker } from './shared/broker.js';
import { built } from './shared/built.js';

interface Setup {
  readonly ready: Promise<Broker>;
  users: number;
}

/** One for all projects of a run, each of which loads this file anew. */
const shared = globalThis as { tributaryTests?: Setup };

async function start(): Promise<Broker> {
  process.env.CHROME_PATH = await ensureChrome((line) => process.stderr.write(`${line}\n`));
  await built('dist', 'vite.config.ts');
  const broker = await startBroker();
  process.env.TEST_BROKER = broker.url;
  return broker;
}

/**
 * Before all tests but the unit tests: the program is built, because tests of the command line run it as users do, and
 * a browser is found or installed, because a test without one must not pass. @returns what ends it after them
 */
export default async function setup(): Promise<() => Promise<void>> {
  shared.tributaryTests ??= { ready: start(), users: 0 };
  const mine = shared.tributaryTests;
  mine.users++;
  await mine.ready;
  return async () => {
    mine.users--;
    if (mine.users > 0) return;
    delete shared.tributaryTests;
    await (await mine.ready).close();
  };
}
