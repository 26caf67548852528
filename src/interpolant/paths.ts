import { badInput } from '../errors.js';
import { checkSettings, type Description, type SettingsOf, usualOf } from '../settings.js';
import { unknownName } from '../suggest.js';

/** The coefficients of I = α x0 + β x1 and their time derivatives at one t. */
export interface PathCoefficients {
  alpha: number;
  beta: number;
  alphaDot: number;
  betaDot: number;
  /** α α̇ in closed form: finite where α̇ itself is not (VP at t = 1). */
  alphaAlphaDot: number;
  /** β β̇ */
  betaBetaDot: number;
}

/** A path between the base (t = 0) and the data (t = 1). */
export interface Path {
  readonly name: string;
  /** One-line formula, for reports. */
  readonly formula: string;
  /**
   * Whether x0 has to be Gaussian: noise that is never taken away altogether, or that a closed formula knows
   * (the score SDEs and EDM). Other paths lead from any base.
   */
  readonly gaussianBase: boolean;
  /** @param t in [0, 1] */
  at(t: number, out?: PathCoefficients): PathCoefficients;
}

/** Constants of the score SDEs (Song et al., arXiv 2011.13456, appendix C) and of EDM (arXiv 2206.00364). */
export const PATH_SETTINGS = {
  /** β(s) = betaMin + s (betaMax − betaMin) of the VP and sub-VP SDEs, s = 1 − t. */
  betaMin: {
    ...{ kind: 'number', usual: 0.1, least: 0, below: 1000, symbol: 'βmin' },
    help: 'the VP and sub-VP SDEs’ β at the data',
  },
  betaMax: {
    ...{ kind: 'number', usual: 20, above: 0, below: 1000, symbol: 'βmax' },
    help: 'the VP and sub-VP SDEs’ β at the noise',
  },
  /** Noise levels of the VE SDE; EDM's path begins at `sigmaMax`. */
  sigmaMin: {
    ...{ kind: 'number', usual: 0.01, above: 0, below: 1e6, symbol: 'σmin' },
    help: 'the VE SDE’s noise level at the data',
  },
  sigmaMax: {
    ...{ kind: 'number', usual: 50, above: 0, below: 1e6, symbol: 'σmax' },
    help: 'the noise level that the VE SDE and EDM begin at',
  },
} as const satisfies Description;

export interface PathOptions extends SettingsOf<typeof PATH_SETTINGS> {}

export const DEFAULT_PATH_OPTIONS: PathOptions = usualOf(PATH_SETTINGS);

/** Half a rounding step below 1: closer to an end than this, 1 − t and 1 − t² cannot be told from it. */
export const ROUNDING = 2 ** -53;

type Values = [alpha: number, beta: number, alphaDot: number, betaDot: number];

/** A path from its four coefficients; α α̇ is their product where no closed form is given. */
export function makePath(
  name: string,
  formula: string,
  values: (t: number) => Values,
  {
    gaussianBase = false,
    alphaAlphaDot,
  }: { gaussianBase?: boolean; alphaAlphaDot?: (t: number) => number } = {},
): Path {
  return {
    name,
    formula,
    gaussianBase,
    at(t, out = { alpha: 0, beta: 0, alphaDot: 0, betaDot: 0, alphaAlphaDot: 0, betaBetaDot: 0 }) {
      const [alpha, beta, alphaDot, betaDot] = values(t);
      out.alpha = alpha;
      out.beta = beta;
      out.alphaDot = alphaDot;
      out.betaDot = betaDot;
      out.alphaAlphaDot = alphaAlphaDot ? alphaAlphaDot(t) : alpha * alphaDot;
      out.betaBetaDot = beta * betaDot;
      return out;
    },
  };
}

const HALF_PI = Math.PI / 2;

/** The VP SDE's ln β(t) and its slope in t: m = −¼s²Δ − ½s βmin with s = 1 − t. */
function logMean(t: number, { betaMin, betaMax }: PathOptions): [m: number, mDot: number] {
  const s = 1 - t;
  const delta = betaMax - betaMin;
  return [-0.25 * s * s * delta - 0.5 * s * betaMin, 0.5 * (s * delta + betaMin)];
}

const paths: Record<string, (options: PathOptions) => Path> = {
  linear: () => makePath('linear', 'α = 1 − t, β = t', (t) => [1 - t, t, -1, 1]),
  trig: () =>
    makePath('trig', 'α = cos πt/2, β = sin πt/2', (t) => {
      // sin of the complement, so that α is exactly 0 at t = 1, which cos(π/2) in floating point is not.
      const alpha = Math.sin(HALF_PI * (1 - t));
      const beta = Math.sin(HALF_PI * t);
      return [alpha, beta, -HALF_PI * beta, HALF_PI * alpha];
    }),
  'encoding-decoding': () =>
    makePath('encoding-decoding', 'α = cos² πt for t < ½, β = cos² πt for t > ½, else 0', (t) => {
      const value = Math.cos(Math.PI * t) ** 2;
      const slope = -Math.PI * Math.sin(2 * Math.PI * t);
      if (t < 0.5) return [value, 0, slope, 0];
      return t > 0.5 ? [0, value, 0, slope] : [0, 0, 0, 0];
    }),
  vp: () =>
    makePath(
      'vp',
      'α = √(1 − t²), β = t',
      (t) => {
        const square = (1 - t) * (1 + t);
        return [Math.sqrt(square), t, -t / Math.sqrt(Math.max(square, ROUNDING)), 1];
      },
      { alphaAlphaDot: (t) => -t },
    ),
  'vp-sde': (options) =>
    makePath(
      'vp-sde',
      'β = e^m, α = √(1 − e^{2m}), m = −¼s²Δ − ½s βmin, s = 1 − t',
      (t) => {
        const [m, mDot] = logMean(t, options);
        const square = -Math.expm1(2 * m);
        const beta = Math.exp(m);
        const product = -mDot * beta * beta;
        return [Math.sqrt(square), beta, product / Math.sqrt(Math.max(square, ROUNDING)), mDot * beta];
      },
      {
        gaussianBase: true,
        alphaAlphaDot: (t) => {
          const [m, mDot] = logMean(t, options);
          return -mDot * Math.exp(2 * m);
        },
      },
    ),
  'sub-vp-sde': (options) =>
    makePath(
      'sub-vp-sde',
      'β = e^m, α = 1 − e^{2m}, m as in vp-sde',
      (t) => {
        const [m, mDot] = logMean(t, options);
        const beta = Math.exp(m);
        return [-Math.expm1(2 * m), beta, -2 * mDot * beta * beta, mDot * beta];
      },
      { gaussianBase: true },
    ),
  ve: ({ sigmaMin, sigmaMax }) => {
    const rate = Math.log(sigmaMax / sigmaMin);
    return makePath(
      've',
      'α = σmin (σmax/σmin)^{1 − t}, β = 1',
      (t) => {
        const sigma = sigmaMin * Math.exp(rate * (1 - t));
        return [sigma, 1, -rate * sigma, 0];
      },
      { gaussianBase: true },
    );
  },
  edm: ({ sigmaMax }) =>
    makePath('edm', 'α = σmax (1 − t), β = 1', (t) => [sigmaMax * (1 - t), 1, -sigmaMax, 0], {
      gaussianBase: true,
    }),
  mirror: () => makePath('mirror', 'x0 ≡ x1, I = x1', () => [0, 1, 0, 0]),
};

/**
 * Names of the paths: those of Stochastic Interpolants (2303.08797, table 8), linear, trig, encoding-decoding,
 * vp and mirror; the score SDEs vp-sde, sub-vp-sde and ve (2011.13456, appendix C) with time turned round; and
 * edm (2206.00364), x = x1 + σ ε with σ falling evenly. A one-sided interpolant is any of them with a Gaussian
 * base and γ = none. α̇ of `vp` and `vp-sde` is infinite at t = 1; it is returned as its value at the last
 * float64 before 1, and α α̇ is exact.
 */
export const pathNames: readonly string[] = Object.keys(paths);

function checkOptions({ betaMin, betaMax, sigmaMin, sigmaMax }: PathOptions): void {
  if (!(betaMin >= 0 && betaMax > betaMin && betaMax < 1000))
    badInput(`betaMin is ${betaMin} and betaMax ${betaMax}; they must be 0 ≤ betaMin < betaMax < 1000`);
  if (!(sigmaMin > 0 && sigmaMax > sigmaMin && sigmaMax < 1e6))
    badInput(`sigmaMin is ${sigmaMin} and sigmaMax ${sigmaMax}; they must be 0 < sigmaMin < sigmaMax < 1e6`);
}

/** The path of that name; throws bad-input with the nearest valid name, or for options out of range. */
export function pathByName(name: string, options: Partial<PathOptions> = {}): Path {
  if (!pathNames.includes(name)) unknownName('path', name, pathNames);
  const { betaMin, betaMax, sigmaMin, sigmaMax } = { ...DEFAULT_PATH_OPTIONS, ...options };
  const all = checkSettings('path', PATH_SETTINGS, { betaMin, betaMax, sigmaMin, sigmaMax });
  checkOptions(all);
  return paths[name](all);
}
