import { badInput } from '../errors.js';
import { unknownName } from '../suggest.js';
import type { Coefficients } from './schedule.js';

/**
 * What a network predicts at (t, x), all of x_t = α x0 + β x1 + γ z:
 * `velocity` b = E[∂tI + γ̇z | x_t = x], `drift` v = E[∂tI | x_t = x], `score` s = ∇ ln ρ_t, `denoiser` η, the mean
 * of the noise (z; the Gaussian x0 of a one-sided interpolant), `data` E[x1 | x_t = x], and `edm`, the network F
 * inside EDM's preconditioned denoiser D = c_skip x/β + c_out F (arXiv 2206.00364, eq. 7).
 */
export type Head = 'velocity' | 'drift' | 'score' | 'denoiser' | 'data' | 'edm';

export const headNames: readonly Head[] = ['velocity', 'drift', 'score', 'denoiser', 'data', 'edm'];

/** @throws TributaryError('bad-input') with the nearest valid name */
export function headByName(name: string): Head {
  return headNames.find((head) => head === name) ?? unknownName('head', name, headNames);
}

declare const convention: unique symbol;

/** Numbers [n·d] of one head's convention: handing one to a function that expects another does not compile. */
export type Values<H extends Head> = Float64Array & { readonly [convention]: H };

/** Says which head's values an array holds; the only place where a convention is asserted. */
export const valuesOf = <H extends Head>(_head: H, values: Float64Array): Values<H> => values as Values<H>;

/** A quantity as a combination of the point and of what heads say: x·X + Σ_h heads[h]·F_h. */
export interface Combination {
  readonly x: number;
  readonly heads: readonly number[];
}

/** A head in terms of another and of the point: to = x·X + head·from. */
export interface Affine {
  readonly x: number;
  readonly head: number;
}

/** α β̇ − α̇ β, which turns the pair (E x0, E x1) into (x, b). */
const wronskian = ({ alpha, beta, alphaDot, betaDot }: Coefficients): number =>
  alpha * betaDot - alphaDot * beta;

/** EDM's coefficients for x = α x0 + β x1, written so that neither σ = α/β nor β = 0 divides by zero. */
export function edmCoefficients({ alpha, beta }: Coefficients, sigmaData: number) {
  const variance = alpha * alpha + beta * beta * sigmaData * sigmaData;
  const root = Math.sqrt(variance);
  return {
    /** D = skip·x + out·F(input·x, noise) for the interpolant's own x. */
    skip: (beta * sigmaData * sigmaData) / variance,
    out: (alpha * sigmaData) / root,
    input: 1 / root,
    /** ¼ ln σ */
    noise: 0.25 * Math.log(alpha / beta),
  };
}

/**
 * E[x1 | x] of a one-sided interpolant from each head: the form that every other follows from.
 * Source: reference of arXiv 2303.08797 §2 for one-sided interpolants; 2206.00364, eq. 7.
 */
const toData: Record<Head, (c: Coefficients, sigmaData: number) => Affine> = {
  velocity: (c) => ({ x: -c.alphaDot / wronskian(c), head: c.alpha / wronskian(c) }),
  // Without γ the drift is the velocity.
  drift: (c) => toData.velocity(c, 1),
  score: (c) => ({ x: 1 / c.beta, head: (c.alpha * c.alpha) / c.beta }),
  denoiser: (c) => ({ x: 1 / c.beta, head: -c.alpha / c.beta }),
  data: () => ({ x: 0, head: 1 }),
  edm: (c, sigmaData) => {
    const { skip, out } = edmCoefficients(c, sigmaData);
    return { x: skip, head: out };
  },
};

/** E[x0 | x] of a one-sided interpolant from each head, by the route that divides by the least. */
const toBase: Record<Head, (c: Coefficients, sigmaData: number) => Affine> = {
  velocity: (c) => ({ x: c.betaDot / wronskian(c), head: -c.beta / wronskian(c) }),
  drift: (c) => toBase.velocity(c, 1),
  score: (c) => ({ x: 0, head: -c.alpha }),
  denoiser: () => ({ x: 0, head: 1 }),
  data: (c) => ({ x: 1 / c.alpha, head: -c.beta / c.alpha }),
  edm: (c, sigmaData) => {
    // (1 − β·skip)/α and −β·out/α, with the α of each cancelled.
    const variance = c.alpha * c.alpha + (c.beta * sigmaData) ** 2;
    return { x: c.alpha / variance, head: (-c.beta * sigmaData) / Math.sqrt(variance) };
  },
};

const sumOf = (a: number, one: Affine, b: number, other: Affine): Affine => ({
  x: a * one.x + b * other.x,
  head: a * one.head + b * other.head,
});

/**
 * How head `to` follows from head `from` at one t of a one-sided interpolant, x = α x0 + β x1 with Gaussian x0.
 * @param sigmaData the data's standard deviation, which only `edm` asks for
 */
export function oneSidedConversion(from: Head, to: Head, c: Coefficients, sigmaData = 1): Affine {
  if (from === to) return { x: 0, head: 1 };
  const own = { x: 1, head: 0 };
  const base = toBase[from](c, sigmaData);
  const data = toData[from](c, sigmaData);
  switch (to) {
    case 'data':
      return data;
    case 'denoiser':
      return base;
    case 'score':
      return sumOf(-1 / c.alpha, base, 0, own);
    case 'velocity':
    case 'drift':
      // b = α̇ E x0 + β̇ E x1, through whichever of the two the head knows without a division.
      if (from === 'velocity' || from === 'drift') return { x: 0, head: 1 };
      if (from === 'data')
        return sumOf(c.alphaDot / c.alpha, own, c.betaDot - (c.beta * c.alphaDot) / c.alpha, data);
      if (from === 'edm') return sumOf(c.alphaDot, base, c.betaDot, data);
      return sumOf(c.betaDot / c.beta, own, c.alphaDot - (c.alpha * c.betaDot) / c.beta, base);
    case 'edm': {
      const { skip, out } = edmCoefficients(c, sigmaData);
      return sumOf(1 / out, data, -skip / out, own);
    }
  }
}

/** A conversion between two conventions at one t, as a function of whole arrays. */
export type Conversion<From extends Head, To extends Head> = (
  x: Float64Array,
  values: Values<From>,
) => Values<To>;

/**
 * The typed conversion between two heads of a one-sided interpolant at the coefficients `c` of one t.
 * Both arrays are [n·d].
 * @throws TributaryError('bad-input') where the conversion divides by zero at this t
 */
export function convert<From extends Head, To extends Head>(
  from: From,
  to: To,
  c: Coefficients,
  sigmaData = 1,
): Conversion<From, To> {
  const { x: own, head } = oneSidedConversion(from, to, c, sigmaData);
  if (!(Number.isFinite(own) && Number.isFinite(head)))
    badInput(
      `${to} does not follow from ${from} where α = ${c.alpha} and β = ${c.beta}: stay off the ends of time`,
    );
  return (x, values) =>
    valuesOf(
      to,
      Float64Array.from(values, (value, i) => own * x[i] + head * value),
    );
}

/** γ γ̇ s = v − b: conversions of a two-sided interpolant, whose noise z is not its base. */
export const velocityFromDriftAndScore = (
  c: Coefficients,
  drift: Values<'drift'>,
  score: Values<'score'>,
): Values<'velocity'> =>
  valuesOf(
    'velocity',
    Float64Array.from(drift, (v, i) => v - c.gammaGammaDot * score[i]),
  );

/** b = v + γ̇ η */
export const velocityFromDriftAndDenoiser = (
  c: Coefficients,
  drift: Values<'drift'>,
  denoiser: Values<'denoiser'>,
): Values<'velocity'> =>
  valuesOf(
    'velocity',
    Float64Array.from(drift, (v, i) => v + c.gammaDot * denoiser[i]),
  );

/** v = b − γ̇ η */
export const driftFromVelocityAndDenoiser = (
  c: Coefficients,
  velocity: Values<'velocity'>,
  denoiser: Values<'denoiser'>,
): Values<'drift'> =>
  valuesOf(
    'drift',
    Float64Array.from(velocity, (b, i) => b - c.gammaDot * denoiser[i]),
  );

/** s = −η/γ. @throws TributaryError('bad-input') where γ is 0 */
export function scoreFromDenoiser(c: Coefficients, denoiser: Values<'denoiser'>): Values<'score'> {
  if (!(c.gamma > 0)) badInput('the score is −η/γ, and γ is 0 at this time: stay off the ends');
  return valuesOf(
    'score',
    Float64Array.from(denoiser, (eta) => -eta / c.gamma),
  );
}

/** η = −γ s */
export const denoiserFromScore = (c: Coefficients, score: Values<'score'>): Values<'denoiser'> =>
  valuesOf(
    'denoiser',
    Float64Array.from(score, (s) => -c.gamma * s),
  );

/** Weights of (x0, x1, z) that make a head's regression target. */
export type Target = readonly [base: number, data: number, noise: number];

/**
 * The target whose conditional mean given x_t is the head: what a network is regressed on.
 * L_b, L_v, L_s and L_η of arXiv 2303.08797, eqs. 2.13–2.19, up to constants; 2206.00364, eq. 8 for `edm`.
 * @param twoSided whether the noise is z; else it is the Gaussian x0
 */
export function headTarget(head: Head, c: Coefficients, twoSided: boolean, sigmaData = 1): Target {
  switch (head) {
    case 'velocity':
      return [c.alphaDot, c.betaDot, c.gammaDot];
    case 'drift':
      return [c.alphaDot, c.betaDot, 0];
    case 'denoiser':
      return twoSided ? [0, 0, 1] : [1, 0, 0];
    case 'score':
      return twoSided ? [0, 0, -1 / c.gamma] : [-1 / c.alpha, 0, 0];
    case 'data':
      return [0, 1, 0];
    case 'edm': {
      // (x1 − skip·x)/out with the zeros of α and β cancelled: of unit variance at every t.
      const root = Math.sqrt(c.alpha * c.alpha + (c.beta * sigmaData) ** 2);
      return [(-c.beta * sigmaData) / root, c.alpha / (sigmaData * root), 0];
    }
  }
}
