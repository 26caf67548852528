import { CLOCK } from '../backend/clock.js';
import { type interpolantDraw as contract, GAMMA_ID, TIME_SAMPLING_ID } from '../backend/contracts/draw.js';
import { CounterRandom, STREAM } from '../random/random.js';
import type { Reference } from './reference.js';

/** x_t = α x0 + β x1 + γ z, its velocity α̇ x0 + β̇ x1 + γ̇ z, and the noise a denoiser predicts. */
export const interpolantDraw: Reference<typeof contract> = (arrays, p) => {
  const { clock, data, label, x, t, velocity, noise, drawnLabel } = arrays;
  const stream = (id: number) => new CounterRandom([p.seedLow, p.seedHigh], id, clock[CLOCK.step]);
  const indexes = stream(STREAM.batchIndex);
  const times = stream(STREAM.time);
  const bases = stream(STREAM.base);
  const latents = stream(STREAM.latent);
  const drops = stream(STREAM.labelDropout);
  const draws = p.antithetic ? p.batch / 2 : p.batch;
  for (let b = 0; b < p.batch; b++) {
    // Both halves of an antithetic pair are the same draw but for the sign of z.
    const draw = p.antithetic ? b >>> 1 : b;
    const sign = p.antithetic && b % 2 === 1 ? -1 : 1;

    const index = indexes.integer(draw, p.rows);
    const source = p.sourceRows ? p.rows + bases.integer(draw, p.sourceRows) : 0;
    const u = times.uniform(draw);
    const fraction = p.timeSampling === TIME_SAMPLING_ID.stratified ? (draw + u) / draws : u;
    const time = p.timeMin + (p.timeMax - p.timeMin) * fraction;
    t[b] = time;
    drawnLabel[b] = drops.uniform(draw) < p.labelDropout ? p.classes : label[index];

    let gamma = 0;
    let gammaDot = 0;
    if (p.gamma === GAMMA_ID.sqrt) {
      const variance = time * (1 - time);
      gamma = Math.sqrt(p.gammaScale * variance);
      gammaDot = (Math.sqrt(p.gammaScale) * (1 - 2 * time)) / (2 * Math.sqrt(variance));
    }
    for (let j = 0; j < p.dim; j++) {
      const element = draw * p.dim + j;
      const x1 = data[index * p.dim + j];
      const x0 = p.sourceRows ? data[source * p.dim + j] : bases.normal(element);
      const z = gamma === 0 ? 0 : sign * latents.normal(element);
      const at = b * p.dim + j;
      x[at] = (1 - time) * x0 + time * x1 + gamma * z;
      velocity[at] = x1 - x0 + gammaDot * z;
      noise[at] = gamma === 0 ? x0 : z;
    }
  }
};
