import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';
import { wgsl } from './scripts/wgsl_plugin.js';
import { keptKernels } from './test/shared/kept_kernels.js';

/** Seconds of a core that the longest files take, about: begun last, they would run alone while other cores wait. */
const SECONDS: readonly (readonly [string, number])[] = [
  ['browser/webgpu', 150],
  ['cli/study', 140],
  ['golden/golden', 110],
  ['webgpu/dawn', 130],
  ['three/three', 120],
  ['invariances/mixtures', 80],
  ['samplers/finite', 80],
  ['cli/train', 80],
  ['samplers/marginals', 65],
  ['webgpu/fused', 60],
  ['backend/order', 30],
  ['samplers/flow_density', 40],
  ['cpu/endings', 40],
  ['invariances/steps', 25],
  ['cli/errors', 25],
];
const OTHERS = 10;

const PAGES = /\/demo\/demo(_\w+)?\.test\./;

/** The longest first, and between them those of the demo page, which wait for each other (test/shared/broker.ts). */
class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const seconds = ({ moduleId }: TestSpecification) =>
      SECONDS.find(([name]) => moduleId.endsWith(`/${name}.test.ts`))?.[1] ?? OTHERS;
    const sorted = (await super.sort(files)).sort((a, b) => seconds(b) - seconds(a));
    const pages = sorted.filter(({ moduleId }) => PAGES.test(moduleId));
    const others = sorted.filter((file) => !pages.includes(file));
    const share = others.reduce((sum, file) => sum + seconds(file), 0) / (pages.length + 1);
    const order: TestSpecification[] = [];
    let [begun, before] = [0, 0];
    for (const file of others) {
      while (begun < pages.length && before >= begun * share) order.push(pages[begun++]);
      order.push(file);
      before += seconds(file);
    }
    return [...order, ...pages.slice(begun)];
  }
}

/** Milliseconds: for hangs alone, some ten times what the longest test and hook take on a slow machine. */
const HANG = 20 * 60_000;

const every = (...folders: string[]) => folders.map((folder) => `test/${folder}/**/*.test.ts`);

const some = (folder: string, ...names: string[]) => names.map((name) => `test/${folder}/${name}.test.ts`);

/** What takes seconds, and needs neither a browser nor a build. */
const UNIT = [
  'test/settings.test.ts',
  ...every('data', 'interpolant', 'nn', 'random', 'transport'),
  ...some('backend', 'memory'),
  ...some('demo', 'presence', 'streams'),
  ...some('formats', 'csv', 'csv_quotes', 'npy', 'safetensors'),
  ...some('invariances', 'units'),
  ...some('metrics', 'copies', 'density', 'exact', 'frechet', 'transport'),
  ...some('report', 'density', 'words'),
  ...some('likelihood', 'bounds', 'likelihood'),
  ...some('samplers', 'edm', 'orders', 'player'),
  ...some('webgpu', 'shaders'),
];
const CLI = every('cli');
const BROWSER = [...every('browser', 'three'), 'test/demo/demo*.test.ts', 'test/report/browser.test.ts'];
const ALL = ['test/**/*.test.ts'];

// One of each for all projects: they keep what they have made.
const plugins = [keptKernels(), wgsl()];

/** `vitest --mode walks` takes walks whole: see test/shared/walks.ts. */
const isWhole = process.argv.some((word, i, all) => word === 'walks' && all[i - 1] === '--mode');
const env = { TEST_WALKS: isWhole ? 'whole' : 'part' };

const project = (name: string, include: string[], exclude: string[] = [], isolate = true) => ({
  plugins,
  test: {
    ...{ name, include, exclude, isolate, env, testTimeout: HANG, hookTimeout: HANG },
    setupFiles: ['test/shared/one_thread.ts'],
    // A condition that is waited for, as a page's are: see test/shared/browser.ts.
    expect: { poll: { timeout: 300_000, interval: 50 } },
  },
});

const built = (name: string, include: string[], exclude: string[] = []) => {
  const { test, ...rest } = project(name, include, exclude);
  return { ...rest, test: { ...test, globalSetup: ['test/build.ts'] } };
};

const from = (path: string) => fileURLToPath(new URL(path, import.meta.url));

export default defineConfig({
  test: {
    // A file that waits, for a browser or for the adapter, leaves its core to another.
    maxWorkers: availableParallelism() + 1,
    sequence: { sequencer: LongestFirst },
    projects: [
      {
        // None of these files changes what it imports: a fifth of their time went into importing it anew for each.
        ...project('unit', UNIT, [], false),
        // The page imports the package: here from its sources, for there may be no build.
        resolve: {
          alias: [
            { find: /^tributary-engine$/, replacement: from('src/index.ts') },
            { find: /^tributary-engine\/three$/, replacement: from('src/three/index.ts') },
          ],
        },
      },
      built('cli', CLI),
      built('browser', BROWSER),
      // Everything else, folders that are new as well.
      built('numeric', ALL, [...UNIT, ...CLI, ...BROWSER]),
    ],
  },
});
