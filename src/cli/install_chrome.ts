import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { badInput, TributaryError } from '../errors.js';
import { findChrome } from './chrome.js';

/** A download that has not finished by then is given up, and the next way is tried. */
const DOWNLOAD_SECONDS = 300;

function run(command: string, args: readonly string[]): Promise<boolean> {
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      stdio: ['ignore', 'ignore', 'ignore'],
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    });
    child.on('error', () => resolve(false));
    child.on('close', (code) => resolve(code === 0));
  });
}

/** Puppeteer's browser manager, which is there when puppeteer is. */
async function browsers() {
  try {
    return await import('@puppeteer/browsers');
  } catch {
    return null;
  }
}

const cacheFolder = () => process.env.PUPPETEER_CACHE_DIR ?? join(homedir(), '.cache', 'puppeteer');

async function fromPuppeteersCache(): Promise<string | null> {
  const manager = await browsers();
  if (manager === null || !existsSync(cacheFolder())) return null;
  const installed = await manager.getInstalledBrowsers({ cacheDir: cacheFolder() });
  const chrome = installed.find(({ browser }) => browser === manager.Browser.CHROME);
  return chrome && existsSync(chrome.executablePath) ? chrome.executablePath : null;
}

async function byPuppeteer(): Promise<string | null> {
  const manager = await browsers();
  const platform = manager?.detectBrowserPlatform();
  if (!manager || !platform) return null;
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<null>((resolve) => {
    timer = setTimeout(() => resolve(null), DOWNLOAD_SECONDS * 1000);
  });
  const download = async () => {
    const buildId = await manager.resolveBuildId(manager.Browser.CHROME, platform, 'stable');
    const options = { browser: manager.Browser.CHROME, buildId, platform, cacheDir: cacheFolder() };
    return (await manager.install(options)).executablePath;
  };
  try {
    return await Promise.race([download(), tooLate]);
  } catch {
    return null;
  } finally {
    clearTimeout(timer);
  }
}

async function byAptGet(): Promise<string | null> {
  if (process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get')) return null;
  const ok =
    (await run('apt-get', ['update'])) &&
    (await run('apt-get', ['install', '-y', '--no-install-recommends', 'chromium']));
  return ok ? findChrome() : null;
}

/**
 * Chrome by whatever means the machine has: CHROME_PATH, one that is installed, puppeteer's cache, puppeteer's
 * own download, and as root on Debian its package.
 * @param say is told before anything is installed
 * @throws TributaryError('bad-input') with one line on how to get one
 */
export async function ensureChrome(say: (line: string) => void = () => {}): Promise<string> {
  try {
    return findChrome();
  } catch (error) {
    // A CHROME_PATH that is wrong is an error; its absence is not.
    if (!(error instanceof TributaryError) || process.env.CHROME_PATH) throw error;
  }
  const cached = await fromPuppeteersCache();
  if (cached !== null) return cached;
  say('no Chrome or Chromium found: installing one');
  const installed = (await byPuppeteer()) ?? (await byAptGet());
  if (installed !== null) return installed;
  return badInput(
    'no Chrome or Chromium found, and none could be installed; install one, or set CHROME_PATH to its program',
  );
}
