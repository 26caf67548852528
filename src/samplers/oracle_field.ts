import { badInput } from '../errors.js';
import { type InterpolantConfig, isTwoSided } from '../interpolant/config.js';
import { edmCoefficients, type Head } from '../interpolant/heads.js';
import type { MixtureOracle, OracleEvaluation } from '../interpolant/oracle.js';
import { coefficients } from '../interpolant/schedule.js';
import { timeOfLogSigma } from '../interpolant/time_table.js';
import type { HostField } from './integrate.js';

/**
 * What perfect networks of a config would say, from the exact interpolant: every solver can be judged on it
 * without a network. The heads are given their inputs as networks are, EDM's scaled and with ¼ ln σ as its time.
 * @param conditional the oracle given a label; for guidance, which asks for both
 */
export function oracleField(
  config: InterpolantConfig,
  oracle: MixtureOracle,
  conditional: MixtureOracle = oracle,
): HostField {
  const { schedule } = oracle;
  const twoSided = isTwoSided(config);
  const quantity: Record<Exclude<Head, 'edm'>, keyof OracleEvaluation> = {
    velocity: 'velocity',
    drift: 'drift',
    score: 'score',
    denoiser: twoSided ? 'denoiser' : 'basePosterior',
    data: 'dataPosterior',
  };
  const edm = (noise: number, input: Float64Array, unlabelled: boolean): Float64Array => {
    const c = schedule.at(timeOfLogSigma(schedule, 4 * noise), coefficients());
    const { skip, out, input: scale } = edmCoefficients(c, config.sigmaData);
    const x = input.map((value) => value / scale);
    const data = (unlabelled ? oracle : conditional).dataPosterior(timeOfLogSigma(schedule, 4 * noise), x);
    return data.map((value, i) => (value - skip * x[i]) / out);
  };
  const field: { -readonly [H in Head]?: HostField[H] } = {};
  for (const head of config.heads) {
    if (head === 'edm') {
      if (twoSided) badInput('the edm head belongs to one-sided interpolants');
      field.edm = edm;
      continue;
    }
    const name = quantity[head] as Exclude<keyof OracleEvaluation, 'logDensity'>;
    field[head] = (t, x, unlabelled) => (unlabelled ? oracle : conditional)[name](t, x);
  }
  return field;
}
