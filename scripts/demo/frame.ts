/**
 * What a frame of the demo page costs: `npm run demo:frame -- [--node] [PARTICLES …]`, on the graphics card if there
 * is one; in a browser, or with --node and the package `webgpu` without one. Writes bench/results/demo-frame-DATE.md.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism, loadavg } from 'node:os';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import type { FrameQuestion, FrameTimes } from '../../demo/src/lab/frame_timing.js';
import { openBrowser } from '../../src/cli/browser.js';
import { serveFolder } from '../../src/cli/static_server.js';
import { installHeadlessCanvas } from './headless_canvas.js';

const SIZE = { width: 1280, height: 720 };
/** What the frame beside the network may take on a graphics card, with a million particles. */
const BAR_MS = 2;
/** The network's step of that many particles takes a software adapter minutes. */
const MOST_ON_SOFTWARE = 20_000;
const DRAWN = [1000, 20_000, 100_000, 400_000, 1_000_000, 4_000_000];

/** Measures in a browser, or here. */
interface Measurer {
  ask(question: FrameQuestion): Promise<FrameTimes>;
  close(): Promise<void>;
}

const tell = (line: string) => process.stderr.write(`${line}\n`);

async function inBrowser(): Promise<Measurer> {
  const folder = resolve('demo/dist');
  const server = await serveFolder(folder, { '/': readFileSync(`${folder}/index.html`, 'utf8') });
  const { browser, page } = await openBrowser(`${server.url}/#view=quiz&backend=cpu`, tell);
  return {
    ask: async (question) => {
      await page.waitForFunction('globalThis.tributaryFrames !== undefined');
      return (await page.evaluate(`tributaryFrames(${JSON.stringify(question)})`)) as FrameTimes;
    },
    close: async () => {
      await browser.close();
      await server.close();
    },
  };
}

/** With Dawn, on a canvas that nobody sees: the same passes, and nothing is presented. */
async function inNode(): Promise<Measurer> {
  await installHeadlessCanvas();
  const { measureFrames } = await import('../../demo/src/lab/frame_timing.js');
  return { ask: measureFrames, close: async () => undefined };
}

const load = loadavg()[0].toFixed(1);
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { node: { type: 'boolean', default: false } },
});
const wanted = positionals.map(Number);
const { ask, close } = await (values.node ? inNode() : inBrowser());

const ms = (value: number | null) => (value === null ? '–' : value.toFixed(2));
const count = (n: number) => n.toLocaleString('en');

const first = await ask({ ...SIZE, particles: 1000, frames: 5, network: true });
const sizes = wanted.length > 0 ? wanted : first.software ? [1000, MOST_ON_SOFTWARE] : [20_000, 1_000_000];
const full: FrameTimes[] = [];
for (const particles of sizes) {
  const frames = first.software && particles > 5000 ? 3 : 40;
  full.push(await ask({ ...SIZE, particles, frames, network: true }));
  tell(`a frame with ${count(particles)} particles is measured`);
}
const still: FrameTimes[] = [];
for (const particles of DRAWN) {
  still.push(await ask({ ...SIZE, particles, frames: first.software ? 8 : 40, network: false }));
  tell(`drawing ${count(particles)} particles is measured`);
}
await close();

const row = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
const table = (head: readonly string[], rows: readonly string[][]) =>
  [row(head), row(head.map((_, i) => (i === 0 ? '---' : '---:'))), ...rows.map(row)].join('\n');

const verdicts = full.map((times) => {
  const { particles } = times.question;
  if (times.splat === null || times.tone === null)
    return `${count(particles)} particles: no timestamps here.`;
  const rest = times.splat + times.tone;
  const held = rest < BAR_MS ? 'below' : 'NOT below';
  const where = times.software ? ' (a software adapter: the bar is for graphics cards)' : '';
  return `${count(particles)} particles: beyond the network ${ms(rest)} ms by timestamps, ${held} ${BAR_MS} ms${where}.`;
});
const date = new Date().toISOString().slice(0, 10);
const text = `# A frame of the demo page, ${date}

${first.device}, ${SIZE.width} × ${SIZE.height} pixels; by \`npm run demo:frame\`${values.node ? ' with `--node`: Dawn in Node, nothing presented' : ''}. Medians in milliseconds. A frame is one Heun step of
the standard network (128 wide, 2 blocks), its state kept, the particles added up (splat) and the sum toned. Splat, tone
and network are by the device's own timestamps; page is the page's thread while it paints; total is until the device is idle;
the rest of it is submitting, presenting and waiting. When it began, ${load} processes wanted the ${availableParallelism()} cores of the machine.

${table(
  ['particles', 'network', 'splat', 'tone', 'page', 'total', 'other'],
  full.map(({ question, network, splat, tone, page: own, total }) => [
    count(question.particles),
    ms(network),
    ms(splat),
    ms(tone),
    ms(own),
    ms(total),
    network === null ? '–' : ms(total - network - (splat ?? 0) - (tone ?? 0) - own),
  ]),
)}

${verdicts.join('\n')}

## The drawing alone

${table(
  ['particles', 'splat', 'tone', 'page', 'total', 'ns a particle'],
  still.map(({ question, splat, tone, page: own, total }) => [
    count(question.particles),
    ms(splat),
    ms(tone),
    ms(own),
    ms(total),
    (((splat ?? total) * 1e6) / question.particles).toFixed(1),
  ]),
)}

Memory that a frame moves for each particle: 20 bytes read (two places of 8, a value of 4); 16 to blend one pixel of four
16-bit floats; 16 to keep a state, while the trajectory is still being computed. That is 52 bytes, and no atomics: a million
particles are 52 MB, which a card of 300 GB/s moves in 0.17 ms and one of 30 GB/s in 1.7 ms. Up to 400 000 particles that share out
the window are discs: the triangles around them are at most ${((3 * Math.sqrt(3)) / Math.PI).toFixed(2)} blended fragments a pixel of the window
whatever their number, and 3 vertices each; a software adapter draws more than 5000 as pixels. Toning reads 8 bytes and writes 4 a pixel of the window, whatever the number of particles.
`;
const file = `bench/results/demo-frame-${values.node ? 'node-' : ''}${date}.md`;
writeFileSync(file, text);
process.stdout.write(`${text}\n${file}\n`);
// Dawn's threads would keep the process.
process.exit();
