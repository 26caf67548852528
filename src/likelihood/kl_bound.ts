import { badInput } from '../errors.js';

function checkExcess(excess: number, name: string): void {
  if (!(excess >= 0)) badInput(`the excess ${name} loss is ${excess}; a loss above its minimum is 0 or more`);
}

/**
 * The constant ε that makes {@link klBound} least: ε* = √(ΔL_b/ΔL_s), at which the bound is 2√(ΔL_b ΔL_s). 0 for an
 * exact velocity, when the ODE is exact too; Infinity for an exact score alone.
 * Source: Albergo, Boffi & Vanden-Eijnden, arXiv 2303.08797, §2.4.
 * @param excessB ΔL_b = ½∫₀¹ E|b̂ − b|² dt, the velocity's loss above its minimum
 * @param excessS ΔL_s = ½∫₀¹ E|ŝ − s|² dt, the score's
 * @throws TributaryError('bad-input') for an excess below 0
 */
export function optimalDiffusion(excessB: number, excessS: number): number {
  checkExcess(excessB, 'velocity');
  checkExcess(excessS, 'score');
  return excessB === 0 ? 0 : Math.sqrt(excessB / excessS);
}

/**
 * What KL(ρ1 ‖ ρ̂1) is at most when ρ̂1 is where the SDE dX = (b̂ + εŝ)dt + √(2ε)dW ends from the exact base:
 * ΔL_b/ε + ε ΔL_s, nats. By Girsanov it is at most ∫E|b̂ − b + ε(ŝ − s)|² dt/(4ε), and
 * |u + v|² ≤ 2|u|² + 2|v|². For the ODE, ε = 0, it says nothing unless the velocity is exact.
 * Source: Albergo, Boffi & Vanden-Eijnden, arXiv 2303.08797, §2.4, with the ½ of the losses written out.
 * @param excessB ΔL_b = ½∫₀¹ E|b̂ − b|² dt
 * @param excessS ΔL_s = ½∫₀¹ E|ŝ − s|² dt
 * @param epsilon ε ≥ 0, constant in time
 * @throws TributaryError('bad-input') for an excess or an ε below 0
 */
export function klBound(excessB: number, excessS: number, epsilon: number): number {
  checkExcess(excessB, 'velocity');
  checkExcess(excessS, 'score');
  if (!(epsilon >= 0 && Number.isFinite(epsilon))) badInput(`ε is ${epsilon}; it must be 0 or more`);
  return (excessB === 0 ? 0 : excessB / epsilon) + epsilon * excessS;
}
