import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';
import { assemblyscript } from './scripts/assemblyscript_plugin.js';
import { wgsl } from './scripts/wgsl_plugin.js';

/** The longest files, begun first: begun last, they would run alone while the other cores wait. */
const LONGEST = [
  /\/demo\/demo_card\./,
  /\/demo\/demo_choices\./,
  /\/demo\/demo_links\./,
  /\/demo\/demo\./,
  /\/webgpu\/dawn\./,
  /\/cli\//,
];

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const place = ({ moduleId }: TestSpecification) => {
      const found = LONGEST.findIndex((name) => name.test(moduleId));
      return found < 0 ? LONGEST.length : found;
    };
    return (await super.sort(files)).sort((a, b) => place(a) - place(b));
  }
}

/** Milliseconds: for hangs alone, some ten times what the longest test and hook take on a slow machine. */
const HANG = 20 * 60_000;

const every = (...folders: string[]) => folders.map((folder) => `test/${folder}/**/*.test.ts`);

const UNIT = [
  'test/settings.test.ts',
  ...every('baselines', 'data', 'formats', 'interpolant', 'nn', 'random', 'transport'),
];
const CLI = every('cli');
const BROWSER = [...every('browser', 'three'), 'test/demo/demo*.test.ts', 'test/report/browser.test.ts'];
const ALL = ['test/**/*.test.ts'];

const project = (name: string, include: string[], exclude: string[] = []) => ({
  plugins: [assemblyscript(), wgsl()],
  test: {
    ...{ name, include, exclude, testTimeout: HANG, hookTimeout: HANG },
    // A condition that is waited for, as a page's are: see test/shared/browser.ts.
    expect: { poll: { timeout: 300_000, interval: 50 } },
  },
});

export default defineConfig({
  test: {
    globalSetup: ['test/build.ts'],
    // A file that waits, for a browser or for the adapter, leaves its core to another.
    maxWorkers: availableParallelism() + 1,
    sequence: { sequencer: LongestFirst },
    projects: [
      project('unit', UNIT),
      project('cli', CLI),
      project('browser', BROWSER),
      // Everything else, folders that are new as well.
      project('numeric', ALL, [...UNIT, ...CLI, ...BROWSER]),
    ],
  },
});
