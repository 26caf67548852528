import { CounterRandom, STREAM } from '../../src/random/random.js';
import type { PointSet, ReportInput } from '../../src/report/types.js';

/** Two blobs and a curve with three labels, blurred by `noise`, shrunk towards `t` = 0. */
export function blobs(count: number, seed: number, noise: number, t = 1): PointSet {
  const random = new CounterRandom(seed, STREAM.test);
  const points = new Float64Array(2 * count);
  const labels = new Uint32Array(count);
  for (let i = 0; i < count; i++) {
    const label = random.integer(8 * i, 3);
    const u = random.uniform(8 * i + 1);
    const v = random.uniform(8 * i + 2);
    let [x, y, spread] = [-1 + 2.4 * (u - 0.5), 4.4 + 2.3 * (v - 0.5), 0.09];
    if (label === 1) {
      x = (1 - u) ** 2 * -2 + 2 * u * (1 - u) * 5.3 + u * u;
      y = (1 - u) ** 2 * 2 + 2 * u * (1 - u) * -0.2 - u * u * 0.5;
      spread = 0.012;
    } else if (label === 2) {
      [x, y, spread] = [2.6 + 1.2 * (u - 0.5), 2.8 + 1.2 * (v - 0.5), 0.06];
    }
    const width = Math.hypot(spread, noise);
    points[2 * i] = t * (x + width * random.normal(8 * i + 4)) + (1 - t) * random.normal(8 * i + 6);
    points[2 * i + 1] = t * (y + width * random.normal(8 * i + 5)) + (1 - t) * random.normal(8 * i + 7);
    labels[i] = label;
  }
  return { points, labels };
}

/** A run whose Fréchet distance is good and whose samples are not. */
export function exampleReport(): ReportInput {
  const random = new CounterRandom(9, STREAM.test);
  const decay = (step: number) => 0.4 + 1.6 / (1 + step / 60);
  return {
    title: 'Flow matching on the corridor',
    run: {
      family: 'flow-matching',
      data: 'corridor',
      seed: 7,
      steps: 6000,
      network: '2 SwiGLU blocks, hidden 128, inner 256',
      parameters: 198146,
      backend: 'cpu (WebAssembly SIMD, 2 threads)',
      device: 'AMD EPYC 7B13',
      seconds: 124.6,
      functionEvaluations: 100,
      command: 'npx tributary train --family flow-matching --data corridor --seed 7 --steps 6000 --out out',
      more: [{ name: 'Training set', value: '1000 points, seed 7' }],
    },
    sets: { samples: blobs(10000, 1, 0.07), truth: blobs(20000, 2, 0), training: blobs(1000, 3, 0) },
    bounds: { x: [-3, 5], y: [-1.5, 6.5] },
    labelNames: ['blue', 'red', 'green'],
    loss: {
      name: 'velocity loss',
      unit: '',
      points: Array.from({ length: 6000 }, (_, i) => ({
        step: i + 1,
        loss: decay(i) * Math.exp(0.12 * random.normal(i)),
      })),
    },
    excess: {
      name: 'excess loss',
      unit: '',
      points: Array.from({ length: 60 }, (_, i) => ({
        step: 100 * (i + 1),
        excess: 0.9 / (1 + i) ** 1.2 + 0.012 + 0.0007 * i,
        excessOfMemorising: 0.31,
      })),
    },
    metrics: [
      {
        key: 'frechet',
        name: 'Fréchet distance',
        explanation: 'Distance between means and covariances; blind to everything else.',
        value: 0.0352,
        floor: 0.0191,
        floorStd: 0.006,
        training: 0.019,
        unit: '',
        better: 'lower',
        published: { value: 0.976, source: 'EDM-SDE, 1024 steps, the paper’s table' },
        n: 10000,
      },
      {
        key: 'sliced_w2',
        name: 'Sliced W2',
        explanation: 'Mean Wasserstein distance of the points’ shadows in random directions.',
        value: 0.041,
        floor: 0.022,
        floorStd: 0.004,
        training: 0.157,
        unit: '',
        better: 'lower',
        n: 10000,
      },
      {
        key: 'log_p_true',
        name: 'Mean log p of the truth',
        explanation: 'How likely the true density finds the samples; blind to missing modes.',
        value: -2.41,
        floor: -1.571,
        floorStd: 0.012,
        training: -1.562,
        unit: 'nats',
        better: 'higher',
        n: 10000,
      },
      {
        key: 'off_support',
        name: 'Off the support',
        explanation: 'Share of samples where the true log density is below −6.',
        value: 0.106,
        floor: 0.0012,
        floorStd: 0.0003,
        training: 0.001,
        unit: 'fraction',
        better: 'lower',
        n: 10000,
      },
      {
        key: 'mode_coverage',
        name: 'Modes covered',
        explanation: 'Share of the mixture’s components that have their part of the samples.',
        value: 0.998,
        floor: 0.998,
        floorStd: 0.001,
        training: 0.731,
        unit: 'fraction',
        better: 'higher',
        n: 10000,
      },
      {
        key: 'label_purity',
        name: 'Label purity',
        explanation: 'Share of samples whose label is the likeliest one at their place.',
        value: 0.981,
        floor: 0.9993,
        floorStd: 0.0002,
        training: 0.999,
        unit: 'fraction',
        better: 'higher',
        n: 10000,
      },
    ],
    trajectory: [0, 0.25, 0.5, 0.75, 1].map((t) => ({ t, ...blobs(6000, 1, 0.07, t) })),
  };
}
