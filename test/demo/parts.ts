/** Parts of the page's tests in one file: they share the page that is served, and have one browser of each kind. */
import { afterAll, beforeAll } from 'vitest';
import { borrow } from '../shared/ask.js';
import { type Demo, type OpenDemo, startDemo } from './page.js';

export function demoTests(...parts: readonly ((open: OpenDemo) => void)[]): void {
  let demo: Demo;
  let giveBack: () => void;
  beforeAll(async () => {
    giveBack = await borrow('/pages');
    demo = await startDemo();
  });
  afterAll(async () => {
    await demo?.close();
    giveBack();
  });
  for (const part of parts) part((...inputs) => demo.open(...inputs));
}
