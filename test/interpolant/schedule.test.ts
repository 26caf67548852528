import { describe, expect, it } from 'vitest';
import { gammaByName, gammaNames } from '../../src/interpolant/gammas.js';
import { pathByName, pathNames } from '../../src/interpolant/paths.js';
import { coefficients, scheduleByName } from '../../src/interpolant/schedule.js';

const TIMES = [0.01, 0.1, 0.27, 0.45, 0.61, 0.83, 0.99];
const H = 1e-6;

describe.each(pathNames)('path %s', (name) => {
  const path = pathByName(name);

  it('starts at the base and ends at the data', () => {
    const [start, end] = [path.at(0), path.at(1)];
    // The mirror couples x0 ≡ x1, so its I(0) = x1 is x0.
    expect([start.alpha, start.beta]).toEqual(name === 'mirror' ? [0, 1] : [1, 0]);
    expect([end.alpha, end.beta]).toEqual([0, 1]);
  });

  it('has the derivatives of its coefficients', () => {
    for (const t of TIMES) {
      const [low, now, high] = [path.at(t - H), path.at(t), path.at(t + H)];
      expect((high.alpha - low.alpha) / (2 * H)).toBeCloseTo(now.alphaDot, 6);
      expect((high.beta - low.beta) / (2 * H)).toBeCloseTo(now.betaDot, 6);
      expect((high.alpha ** 2 - low.alpha ** 2) / (4 * H)).toBeCloseTo(now.alphaAlphaDot, 6);
      expect((high.beta ** 2 - low.beta ** 2) / (4 * H)).toBeCloseTo(now.betaBetaDot, 6);
    }
  });

  it('is finite everywhere', () => {
    for (const t of [0, 1e-300, 0.5, 1 - 2 ** -53, 1])
      for (const value of Object.values(path.at(t))) expect(Number.isFinite(value)).toBe(true);
  });
});

describe.each(gammaNames)('gamma %s', (name) => {
  const gamma = gammaByName(name, 2);

  it('vanishes at both ends and is positive between, unless it is none', () => {
    expect([gamma.at(0).gamma, gamma.at(1).gamma]).toEqual([0, 0]);
    for (const t of TIMES) expect(gamma.at(t).gamma > 0).toBe(name !== 'none');
  });

  it('has its derivative and the closed product', () => {
    for (const t of TIMES) {
      const [low, now, high] = [gamma.at(t - H), gamma.at(t), gamma.at(t + H)];
      expect((high.gamma - low.gamma) / (2 * H)).toBeCloseTo(now.gammaDot, 6);
      expect((high.gamma ** 2 - low.gamma ** 2) / (4 * H)).toBeCloseTo(now.gammaGammaDot, 6);
      expect(now.gamma * now.gammaDot).toBeCloseTo(now.gammaGammaDot, 12);
    }
  });

  it('is finite everywhere and continuous towards the ends', () => {
    for (const t of [0, 1e-300, 2 ** -53, 1 - 2 ** -53, 1])
      for (const value of Object.values(gamma.at(t))) expect(Number.isFinite(value)).toBe(true);
    for (const [end, inside] of [
      [0, 1e-9],
      [1, 1 - 1e-9],
    ])
      expect(gamma.at(end).gammaGammaDot).toBeCloseTo(gamma.at(inside).gammaGammaDot, 6);
  });
});

describe('schedule', () => {
  it('keeps γγ̇ = ±a/2 at the ends of the square root', () => {
    const sqrt = gammaByName('sqrt', 3);
    expect([sqrt.at(0).gammaGammaDot, sqrt.at(1).gammaGammaDot]).toEqual([1.5, -1.5]);
    expect(sqrt.at(0.5).gamma).toBeCloseTo(Math.sqrt(0.75), 14);
  });

  it('fills what it is given', () => {
    const out = coefficients();
    const schedule = scheduleByName('linear', 'sqrt');
    expect(schedule.at(0.25, out)).toBe(out);
    expect(out).toEqual(schedule.at(0.25));
    expect([out.alpha, out.beta, out.alphaAlphaDot, out.gammaGammaDot]).toEqual([0.75, 0.25, -0.75, 0.25]);
  });

  it('refuses names, times and scales that cannot be', () => {
    expect(() => scheduleByName('liner')).toThrow(/did you mean 'linear'/);
    expect(() => scheduleByName('linear', 'sqr')).toThrow(/did you mean 'sqrt'/);
    expect(() => scheduleByName('linear', 'sqrt', 0)).toThrow(/scale/);
    expect(() => scheduleByName('encoding-decoding')).toThrow(/needs a gamma/);
    for (const t of [-0.01, 1.01, Number.NaN])
      expect(() => scheduleByName('linear').at(t)).toThrow(/\[0, 1\]/);
  });
});
