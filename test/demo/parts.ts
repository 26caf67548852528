/** Parts of the page's tests in one file: they share the page that is served, and have one browser of each kind. */
import { afterAll, beforeAll } from 'vitest';
import { type Demo, type OpenDemo, startDemo } from './page.js';

export function demoTests(...parts: readonly ((open: OpenDemo) => void)[]): void {
  let demo: Demo;
  beforeAll(async () => {
    demo = await startDemo();
  });
  afterAll(() => demo?.close());
  for (const part of parts) part((...inputs) => demo.open(...inputs));
}
