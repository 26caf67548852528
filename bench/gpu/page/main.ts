/** What the benchmark runs inside the browser: every call returns plain data. */
import { entries } from '../../../demo/src/peers/entries.js';
import { makeProblem, type Sizes } from '../../../demo/src/peers/problem.js';
import { type Entry, Race, type RaceOptions, type Row } from '../../../demo/src/peers/race.js';
import { VERSIONS } from '../../../demo/src/peers/versions.js';
import { describeAdapter } from '../../../src/webgpu/device.js';
import { measureKernels } from '../kernels.js';
import { measurePeaks } from '../peaks.js';

const onnxruntimeEntry: Entry = {
  name: 'onnxruntime-web',
  version: VERSIONS['onnxruntime-web'],
  // A file of its own: what it loads is large, and training alone does not need it.
  open: async (problem) => (await import('../ort.js')).onnxruntime(problem),
};

declare global {
  /** Told how far it is. */
  var tell: (line: string) => Promise<void>;
}

const bench = {
  async machine(): Promise<{ description: string; software: boolean; browser: string }> {
    const adapter = await navigator.gpu?.requestAdapter({ powerPreference: 'high-performance' });
    if (adapter == null) throw new Error('this browser has no graphics adapter');
    const browser = /Chrome\/[\d.]+/.exec(navigator.userAgent)?.[0] ?? navigator.userAgent;
    return { ...describeAdapter(adapter.info), browser: browser.replace('/', ' ') };
  },

  race(sizes: Sizes, options: Omit<RaceOptions, 'say'>): Promise<Row[]> {
    const all = options.sample ? [...entries, onnxruntimeEntry] : entries;
    return new Race(all, makeProblem(sizes), { ...options, say: (line) => void tell(line) }).run();
  },

  peaks: measurePeaks,

  kernels: (options: { only?: string; rounds: number }) =>
    measureKernels({ ...options, say: (line) => void tell(line) }),
};

export type Bench = typeof bench;
Object.assign(globalThis, { bench });
