/**
 * The software adapter computes on all cores: two files that wait for it beside each other wait for each other's
 * pictures, shaders and limits as well.
 */
import { afterEach, beforeEach, onTestFinished } from 'vitest';
import { borrow } from './ask.js';

/** Has each test of a file that follows wait for the adapter, and keep it to its end. */
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

let mine = false;

/** For the rest of the test at hand, however often it asks. */
export async function borrowAdapter(): Promise<void> {
  if (mine) return;
  const giveBack = await borrow('/adapter');
  mine = true;
  onTestFinished(() => {
    mine = false;
    giveBack();
  });
}
