import { fileURLToPath } from 'node:url';
import type { Command } from 'commander';
import { type BackendChoice, createEngine } from '../../engine.js';
import { badInput, TributaryError } from '../../errors.js';
import { unknownName } from '../../suggest.js';
import type { VerifyRow } from '../../verify/kernels.js';
import { type VerifyReport, verify } from '../../verify/verify.js';
import { openBrowser } from '../browser.js';
import { readFileOrExplain } from '../files.js';
import { wholeNumber } from '../options.js';
import { familyOption, familyWord } from '../own_family.js';
import { serveFolder } from '../static_server.js';

interface VerifyOptions {
  backend: string;
  seed: number;
  json?: boolean;
  family?: string;
}

const BACKENDS = ['chrome', 'dawn', 'cpu'] as const;

export function addVerifyCommand(program: Command): void {
  program
    .command('verify')
    .description('check every kernel, and whole runs, against the float64 reference')
    .option('--backend <name>', 'chrome (headless, WebGPU), dawn (WebGPU in Node) or cpu (SIMD)', 'chrome')
    .option('--seed <n>', 'seed of the inputs', wholeNumber(0), 1)
    .option('--family <file>', 'check the family of this module as well')
    .option('--json', 'print the result as JSON')
    .action(run);
}

/**
 * The page loads the library as any page would, and reports row by row through a function puppeteer provides.
 * @param own whether it loads the module of somebody's own family, which names the library as everybody does
 */
const page = (own: boolean) => `<!doctype html>
<meta charset="utf-8">
<title>tributary verify</title>
<link rel="icon" href="data:,">
<script type="importmap">{"imports":{"tributary-engine":"./index.js"}}</script>
<script type="module">
  import { createEngine, defineFamily, familyNames, verify } from './index.js';
  ${own ? "import own from './own_family.js';\n  if (!familyNames.includes(own.name)) defineFamily(own);" : ''}
  globalThis.runVerification = async (seed) => {
    const engine = await createEngine({ backend: 'webgpu' });
    const report = await verify({ backend: engine, seed, onRow: (row) => globalThis.reportRow(row) });
    const uncaptured = [...engine.uncapturedErrors];
    engine.destroy();
    return { report, uncaptured };
  };
</script>
`;

async function inChrome(
  seed: number,
  module: string | undefined,
  onRow: (row: VerifyRow) => void,
): Promise<VerifyReport> {
  const say = (line: string) => process.stderr.write(`${line}\n`);
  // The built library lies beside this program.
  const server = await serveFolder(fileURLToPath(new URL(/* @vite-ignore */ '.', import.meta.url)), {
    '/verify.html': page(module !== undefined),
    ...(module === undefined
      ? {}
      : { '/own_family.js': new TextDecoder().decode(readFileOrExplain(module)) }),
  });
  try {
    const { browser, page: opened } = await openBrowser(`${server.url}/verify.html`, say);
    try {
      await opened.exposeFunction('reportRow', onRow);
      await opened.waitForFunction('globalThis.runVerification !== undefined');
      const { report, uncaptured } = (await opened.evaluate(`runVerification(${seed}).catch((error) => {
        throw new Error(error.code === undefined ? error.stack : error.message);
      })`)) as { report: VerifyReport; uncaptured: string[] };
      if (uncaptured.length > 0)
        throw new TributaryError('validation', `the device reported: ${uncaptured[0]}`);
      return report;
    } finally {
      await browser.close();
    }
  } finally {
    await server.close();
  }
}

async function inNode(backend: BackendChoice, seed: number, onRow: (row: VerifyRow) => void) {
  const engine = await createEngine({ backend });
  try {
    return await verify({ backend: engine, seed, onRow });
  } finally {
    engine.destroy();
  }
}

function rowText({ kernel, variant, shape, error, bound, maxAbsolute, ms, ok }: VerifyRow): string {
  const name = variant ? `${kernel}.${variant}` : kernel;
  const numbers = [error, bound, maxAbsolute].map((value) => value.toExponential(1).padStart(8)).join('  ');
  return `${ok ? 'ok  ' : 'FAIL'}  ${name.padEnd(34)} ${numbers}  ${ms.toFixed(1).padStart(8)}  ${shape}`;
}

async function run(options: VerifyOptions): Promise<void> {
  const { backend, seed, json, family } = options;
  if (family !== undefined && familyOption(family).length === 0)
    badInput(`--family takes the module of a family of your own; ${family} is checked anyway: leave it out`);
  if (!(BACKENDS as readonly string[]).includes(backend)) unknownName('backend', backend, BACKENDS);
  const out = (line: string) => {
    if (!json) process.stdout.write(`${line}\n`);
  };
  out(
    `      ${'kernel'.padEnd(34)} ${['error', 'bound', 'absolute'].map((t) => t.padStart(8)).join('  ')}  ${'ms'.padStart(8)}  shape`,
  );
  const onRow = (row: VerifyRow) => out(rowText(row));
  const report =
    backend === 'chrome'
      ? await inChrome(seed, family === undefined ? undefined : familyWord(family), onRow)
      : await inNode(backend === 'dawn' ? 'webgpu' : 'cpu', seed, onRow);
  const bad = report.rows.filter((row) => !row.ok).length;
  if (json) process.stdout.write(`${JSON.stringify(report, null, 2)}\n`);
  out(
    `\n${report.rows.length - bad} of ${report.rows.length} rows within their bounds on ${report.adapter}${report.software ? ' (software)' : ''}`,
  );
  if (report.choices.length > 0) {
    const by = (variant: string) => report.choices.filter((choice) => choice.variant === variant);
    const variants = [...new Set(report.choices.map(({ variant }) => variant))];
    const words = variants.map((variant) => `${variant} for ${by(variant).length}`).join(', ');
    out(
      `kernels with several variants: this adapter takes ${words} of ${report.choices.length} calls by size`,
    );
  }
  if (bad > 0) {
    throw new TributaryError(
      'mismatch',
      `${bad} of ${report.rows.length} rows are out of their bounds on ${report.adapter}`,
    );
  }
}
