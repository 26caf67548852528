import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { findChrome } from '../../src/cli/chrome.js';

describe('findChrome', () => {
  it('believes CHROME_PATH, and says so when it is wrong', () => {
    expect(findChrome({ CHROME_PATH: process.execPath })).toBe(process.execPath);
    const message = 'CHROME_PATH is /no/such/chrome, and there is no such file';
    expect(() => findChrome({ CHROME_PATH: '/no/such/chrome' })).toThrow(message);
    expect(() => findChrome({ CHROME_PATH: os.tmpdir() })).toThrow('there is no such file');
  });

  it('searches PATH, and says what to do when there is none', () => {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'tributary-chrome-'));
    try {
      // macOS has its browsers elsewhere, so only PATH is left to search here.
      expect(() => findChrome({ PATH: folder }, 'darwin')).toThrow(
        'no Chrome or Chromium found; install one, or set CHROME_PATH to its program',
      );
      fs.writeFileSync(path.join(folder, 'google-chrome'), '');
      expect(findChrome({ PATH: folder }, 'darwin')).toBe(path.join(folder, 'google-chrome'));
    } finally {
      fs.rmSync(folder, { recursive: true });
    }
  });
});
