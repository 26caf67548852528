import fs from 'node:fs';
import path from 'node:path';
import { badInput } from '../errors.js';

const NAMES = ['chromium', 'google-chrome-stable', 'google-chrome', 'chromium-browser', 'chrome'];

/** Where installers put Chrome, besides the folders of PATH. */
function usualPlaces(platform: NodeJS.Platform, env: NodeJS.ProcessEnv): string[] {
  if (platform === 'darwin') {
    return ['Google Chrome', 'Chromium'].map((app) => `/Applications/${app}.app/Contents/MacOS/${app}`);
  }
  if (platform === 'win32') {
    return [env.PROGRAMFILES, env['PROGRAMFILES(X86)'], env.LOCALAPPDATA]
      .filter((folder) => folder !== undefined)
      .map((folder) => path.join(folder, 'Google', 'Chrome', 'Application', 'chrome.exe'));
  }
  return NAMES.flatMap((name) => [`/usr/bin/${name}`, `/usr/local/bin/${name}`, `/snap/bin/${name}`]);
}

/**
 * The Chrome or Chromium of this machine: CHROME_PATH if it is set, else the first found in the usual places
 * and the folders of PATH.
 * @throws TributaryError 'bad-input' when there is none, or CHROME_PATH names a file that is not there
 */
export function findChrome(env: NodeJS.ProcessEnv = process.env, platform = process.platform): string {
  const isFile = (file: string) => fs.statSync(file, { throwIfNoEntry: false })?.isFile() === true;
  const wanted = env.CHROME_PATH;
  if (wanted) {
    if (isFile(wanted)) return wanted;
    badInput(
      `CHROME_PATH is ${wanted}, and there is no such file; set it to the program of Chrome or Chromium`,
    );
  }
  const onPath = (env.PATH ?? '')
    .split(path.delimiter)
    .filter((folder) => folder !== '')
    .flatMap((folder) => NAMES.map((name) => path.join(folder, platform === 'win32' ? `${name}.exe` : name)));
  const found = [...usualPlaces(platform, env), ...onPath].find(isFile);
  if (found === undefined)
    badInput('no Chrome or Chromium found; install one, or set CHROME_PATH to its program');
  return found;
}
