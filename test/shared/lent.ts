/**
 * What one test has at a time. The software adapter computes on all cores: two files that wait for it beside each other
 * wait for each other's pictures, shaders and limits as well. A browser has one clipboard.
 */
import { afterEach, beforeEach, onTestFinished } from 'vitest';
import { borrow } from './ask.js';

/** Has each test of the file wait for the adapter, and keep it to its end. */
export function useAdapter(): void {
  let giveBack: (() => void) | null = null;
  beforeEach(async () => {
    giveBack = await borrow('/adapter');
  });
  afterEach(() => {
    giveBack?.();
    giveBack = null;
  });
}

/** What the test at hand has: whoever asks for it again would wait for himself. */
const mine = new Set<string>();

/** Waits for it, and keeps it for the rest of the test at hand. */
export async function borrowForTest(what: '/adapter' | '/clipboard'): Promise<void> {
  if (mine.has(what)) return;
  const giveBack = await borrow(what);
  mine.add(what);
  onTestFinished(() => {
    mine.delete(what);
    giveBack();
  });
}
