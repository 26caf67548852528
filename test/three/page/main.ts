/** What the tests of `tributary-engine/three` run inside the browser: pictures as plain numbers. */
import * as three from 'three/webgpu';
import { OrthographicCamera, Scene, type WebGPURenderer } from 'three/webgpu';
import type { DeviceArray } from '../../../src/backend/kernel.js';
import { createEngine } from '../../../src/engine.js';
import * as tributary from '../../../src/index.js';
import { DEFAULT_INTERPOLANT } from '../../../src/interpolant/config.js';
import { alike, Model } from '../../../src/model/model.js';
import { STANDARD_MLP } from '../../../src/nn/mlp.js';
import { samplingTable } from '../../../src/samplers/plan.js';
import { Sampler } from '../../../src/samplers/sampler.js';
import * as tributaryThree from '../../../src/three/index.js';
import {
  type Colour,
  DensityView,
  engineRenderer,
  type GpuEngine,
  isGpuEngine,
  ParticleFlow,
} from '../../../src/three/index.js';

const SIZE = 64;
const RED: Colour = [1, 0, 0];
const BLUE: Colour = [0, 0, 1];

interface Stage {
  readonly engine: GpuEngine;
  readonly renderer: WebGPURenderer;
  readonly view: DensityView;
  /** Red, green, blue and opacity (premultiplied, 0 to 255) of a point of the window [−1, 1]². */
  at(x: number, y: number): Promise<number[]>;
  draw(): void;
}

async function onStage<T>(run: (stage: Stage) => Promise<T>): Promise<T & { errors: string[] }> {
  const engine = await createEngine({ backend: 'webgpu' });
  if (!isGpuEngine(engine)) throw new Error('no WebGPU engine');
  const canvas = document.createElement('canvas');
  document.body.append(canvas);
  const renderer = await engineRenderer(engine, { canvas });
  renderer.setSize(SIZE, SIZE, false);
  const errors: string[] = [];
  engine.gpu.addEventListener('uncapturederror', ({ error }) => errors.push(error.message));
  const view = new DensityView(renderer, engine, { width: SIZE, height: SIZE });
  view.look([0, 0], 2);
  const scene = new Scene();
  scene.add(view.mesh);
  const camera = new OrthographicCamera(-1, 1, 1, -1, -1, 1);
  const draw = () => {
    view.accumulate();
    renderer.render(scene, camera);
  };
  const at = async (x: number, y: number) => {
    draw();
    const copy = document.createElement('canvas').getContext('2d') as CanvasRenderingContext2D;
    copy.canvas.width = SIZE;
    copy.canvas.height = SIZE;
    copy.drawImage(canvas, 0, 0);
    const column = Math.min(SIZE - 1, Math.floor(((x + 1) / 2) * SIZE));
    const row = Math.min(SIZE - 1, Math.floor(((1 - y) / 2) * SIZE));
    return [...copy.getImageData(column, row, 1, 1).data];
  };
  try {
    const result = await run({ engine, renderer, view, at, draw });
    await engine.finish();
    return { ...result, errors };
  } finally {
    view.dispose();
    renderer.dispose();
    engine.destroy();
    canvas.remove();
  }
}

/** `n` particles at one place. */
function heap(engine: GpuEngine, n: number, x: number, y: number): DeviceArray {
  const array = engine.allocate(2 * n, 'particles');
  engine.write(
    array,
    Float32Array.from({ length: 2 * n }, (_, i) => (i % 2 === 0 ? x : y)),
  );
  return array;
}

const checks = {
  /** The engine's buffer is drawn, and what kernels write into it is seen without another word. */
  live(n: number) {
    return onStage(async ({ engine, view, at }) => {
      const array = heap(engine, n, -0.484375, 0.484375);
      view.show(n, array);
      view.colour({ by: 'one' }, [RED]);
      const before = [await at(-0.484375, 0.484375), await at(0.484375, -0.484375)];
      engine.write(
        array,
        Float32Array.from({ length: 2 * n }, (_, i) => (i % 2 === 0 ? 0.484375 : -0.484375)),
      );
      const after = [await at(-0.484375, 0.484375), await at(0.484375, -0.484375)];
      return { before, after };
    });
  },

  /** Half way between two arrays; then the arrays outlive the view. */
  between(n: number) {
    return onStage(async ({ engine, view, at, renderer }) => {
      const from = heap(engine, n, -0.484375, 0);
      const to = heap(engine, n, 0.484375, 0);
      view.show(n, from, to, 0.5);
      view.colour({ by: 'one' }, [RED]);
      const pixels = [await at(-0.484375, 0), await at(0, 0), await at(0.484375, 0)];
      const other = new DensityView(renderer, engine, { width: 8, height: 8 });
      other.show(n, from, to);
      other.accumulate();
      other.dispose();
      const [x] = await engine.read(from);
      return { pixels, x, again: await at(0, 0) };
    });
  },

  /** Labels from the engine's memory and values from the page's. */
  colours(n: number) {
    return onStage(async ({ engine, view, at }) => {
      const array = engine.allocate(2 * n, 'particles');
      engine.write(
        array,
        Float32Array.from({ length: 2 * n }, (_, i) => (i % 2 ? 0 : i < n ? -0.484375 : 0.484375)),
      );
      const labels = engine.allocate(n, 'labels');
      engine.write(
        labels,
        Float32Array.from({ length: n }, (_, i) => (i < n / 2 ? 0 : 1)),
      );
      view.show(n, array);
      view.colour({ by: 'label', values: labels }, [RED, BLUE]);
      const byLabel = [await at(-0.484375, 0), await at(0.484375, 0)];
      const values = Float32Array.from({ length: n }, (_, i) => (i < n / 2 ? 7 : 3));
      view.colour({ by: 'value', values, low: 3, high: 7 }, [RED, BLUE]);
      return { byLabel, byValue: [await at(-0.484375, 0), await at(0.484375, 0)] };
    });
  },

  /** Plain numbers, as a CPU engine gives them. */
  uploaded(n: number) {
    return onStage(async ({ view, at }) => {
      const heapAt = (x: number) => Float32Array.from({ length: 2 * n }, (_, i) => (i % 2 === 0 ? x : 0));
      view.show(n, heapAt(-0.484375));
      view.colour({ by: 'one' }, [RED]);
      const before = [await at(-0.484375, 0), await at(0.484375, 0)];
      view.show(n, heapAt(0.484375));
      return { before, after: [await at(-0.484375, 0), await at(0.484375, 0)] };
    });
  },

  /** The same cloud by few and by many particles: mean brightness of the picture. */
  readable(counts: readonly number[]) {
    return onStage(async ({ engine, view, draw, renderer }) => {
      const means: number[] = [];
      for (const n of counts) {
        const array = engine.allocate(2 * n, 'particles');
        // A golden spiral fills a disc evenly.
        engine.write(
          array,
          Float32Array.from({ length: 2 * n }, (_, i) => {
            const k = i >> 1;
            const radius = 0.8 * Math.sqrt((k + 0.5) / n);
            const angle = k * 2.399963;
            return radius * (i % 2 === 0 ? Math.cos(angle) : Math.sin(angle));
          }),
        );
        view.show(n, array);
        view.colour({ by: 'one' }, [RED]);
        draw();
        const copy = document.createElement('canvas').getContext('2d') as CanvasRenderingContext2D;
        copy.drawImage(renderer.domElement, 0, 0);
        const { data } = copy.getImageData(16, 16, 32, 32);
        means.push(data.reduce((sum, value, i) => (i % 4 === 3 ? sum + value : sum), 0) / 1024);
      }
      return { means };
    });
  },

  /** A model's particles with the fewest words, on either kind of engine. */
  async flow(backend: 'webgpu' | 'cpu') {
    const engine = await createEngine({ backend, ...(backend === 'cpu' ? { threads: 1 } : {}) });
    const canvas = document.createElement('canvas');
    const renderer = await engineRenderer(engine, { canvas });
    renderer.setSize(SIZE, SIZE, false);
    const scene = new Scene();
    const camera = new OrthographicCamera(-1, 1, 1, -1, -1, 1);
    const shape = { ...STANDARD_MLP, ...{ hidden: 8, inner: 16, dim: 2, outputs: 2, classes: 0 } };
    const model = new Model(engine, alike(['velocity'], shape), 3, false);
    const table = samplingTable(DEFAULT_INTERPOLANT, { solver: 'heun', steps: 5 });
    const options = { engine, renderer, scene, model, table, count: 300, seed: 5 };
    const errors: string[] = [];
    const refused = await ParticleFlow.create({ ...options, memoryBytes: 100 }).catch((error) =>
      String(error),
    );
    const flow = await ParticleFlow.create(options);
    flow.view.colour({ by: 'one' }, [RED]);
    flow.view.look([0, 0], 6);
    const reaches: number[] = [];
    for (let frame = 0; flow.reach < 1 && frame < 2000; frame++) {
      flow.update(frame / 20);
      renderer.render(scene, camera);
      if (reaches.at(-1) !== flow.reach) reaches.push(flow.reach);
      await new Promise((resolve) => setTimeout(resolve, 0));
    }
    await flow.finish();
    flow.update(1);
    renderer.render(scene, camera);
    const copy = document.createElement('canvas').getContext('2d') as CanvasRenderingContext2D;
    copy.drawImage(canvas, 0, 0);
    const { data } = copy.getImageData(0, 0, SIZE, SIZE);
    const lit = data.reduce((sum, value, i) => (i % 4 === 3 && value > 0 ? sum + 1 : sum), 0);
    const points = [...(await engine.read(flow.sampler.particles))];
    const sampler = await Sampler.create(engine, model, model.store, table, 5, 300);
    const expected = [...(await sampler.sample({ n: 300 })).points];
    const shown = scene.children.length;
    flow.dispose();
    const left = scene.children.length;
    renderer.dispose();
    engine.destroy();
    return { refused, reaches, lit, points, expected, shown, left, errors };
  },

  /** Runs a program as the README prints it, and looks at the first canvas once its particles have arrived. */
  async printed(program: string) {
    const canvas = document.createElement('canvas');
    canvas.style.cssText = 'width: 120px; height: 60px';
    document.body.prepend(canvas);
    const names = { ...tributary, ...three, ...tributaryThree };
    const AsyncFunction = Object.getPrototypeOf(async () => undefined).constructor;
    const run = new AsyncFunction(...Object.keys(names), `${program}\nreturn { engine, renderer, flow };`);
    const { engine, renderer, flow } = await run(...Object.values(names));
    const errors: string[] = [];
    engine.gpu.addEventListener('uncapturederror', ({ error }: GPUUncapturedErrorEvent) =>
      errors.push(error.message),
    );
    await flow.finish();
    // The canvas as the last frame has left it, on the white of a page.
    const pixels = await new Promise<number[]>((resolve) => {
      let frame = 0;
      const loop = renderer.getAnimationLoop();
      renderer.setAnimationLoop((milliseconds: number) => {
        loop(milliseconds);
        if (++frame < 3) return;
        const copy = document.createElement('canvas').getContext('2d') as CanvasRenderingContext2D;
        Object.assign(copy.canvas, { width: canvas.width, height: canvas.height });
        copy.fillStyle = 'white';
        copy.fillRect(0, 0, canvas.width, canvas.height);
        copy.drawImage(canvas, 0, 0);
        resolve([...copy.getImageData(0, 0, canvas.width, canvas.height).data]);
      });
    });
    const size = [canvas.width, canvas.height];
    flow.dispose();
    renderer.dispose();
    engine.destroy();
    canvas.remove();
    // What is seen: pixels that differ from the page by a tenth or more.
    const seen = pixels.reduce((sum, value, i) => (i % 4 === 0 && value < 230 ? sum + 1 : sum), 0);
    return { size, seen, errors };
  },

  /** What 300 frames create. */
  frames() {
    return onStage(async ({ engine, view, draw }) => {
      const from = heap(engine, 1000, -0.484375, 0);
      const to = heap(engine, 1000, 0.484375, 0);
      let created = 0;
      const { gpu } = engine;
      const original = gpu.createBuffer.bind(gpu);
      gpu.createBuffer = (descriptor) => {
        created++;
        return original(descriptor);
      };
      const groups = gpu.createBindGroup.bind(gpu);
      gpu.createBindGroup = (descriptor) => {
        created++;
        return groups(descriptor);
      };
      const frame = (i: number) => {
        view.show(1000, i % 2 ? from : to, i % 2 ? to : from, (i % 10) / 10);
        draw();
      };
      for (let i = 0; i < 20; i++) frame(i);
      const before = created;
      for (let i = 0; i < 300; i++) frame(i);
      return { before, created: created - before };
    });
  },
};

export type ThreeChecks = typeof checks;
Object.assign(globalThis, { checks });
