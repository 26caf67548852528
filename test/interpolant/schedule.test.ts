import { describe, expect, it } from 'vitest';
import { customGamma, customPath } from '../../src/interpolant/custom.js';
import { gammaByName, gammaNames } from '../../src/interpolant/gammas.js';
import { DEFAULT_PATH_OPTIONS, pathByName, pathNames } from '../../src/interpolant/paths.js';
import { coefficients, scheduleByName } from '../../src/interpolant/schedule.js';

const TIMES = [0.01, 0.1, 0.27, 0.45, 0.61, 0.83, 0.99];
const H = 1e-6;

describe.each(pathNames)('path %s', (name) => {
  const path = pathByName(name);

  it('starts at the base and ends at the data', () => {
    const [start, end] = [path.at(0), path.at(1)];
    if (path.gaussianBase) {
      // Nearly or only noise at first, and at the end the data with the least noise that the path knows.
      const { sigmaMin, sigmaMax } = DEFAULT_PATH_OPTIONS;
      const grows = name === 've' || name === 'edm';
      expect(start.alpha).toBeCloseTo(grows ? sigmaMax : 1, 3);
      expect(start.beta).toBeLessThan(grows ? 1 + 1e-12 : 0.01);
      expect([end.alpha, end.beta]).toEqual([name === 've' ? sigmaMin : 0, 1]);
      return;
    }
    // The mirror couples x0 ≡ x1, so its I(0) = x1 is x0.
    expect([start.alpha, start.beta]).toEqual(name === 'mirror' ? [0, 1] : [1, 0]);
    expect([end.alpha, end.beta]).toEqual([0, 1]);
  });

  it('has the derivatives of its coefficients', () => {
    for (const t of TIMES) {
      const [low, now, high] = [path.at(t - H), path.at(t), path.at(t + H)];
      const agrees = (slope: number, dot: number) =>
        expect(Math.abs(slope - dot)).toBeLessThan(5e-7 * Math.max(1, Math.abs(dot)));
      agrees((high.alpha - low.alpha) / (2 * H), now.alphaDot);
      agrees((high.beta - low.beta) / (2 * H), now.betaDot);
      agrees((high.alpha ** 2 - low.alpha ** 2) / (4 * H), now.alphaAlphaDot);
      agrees((high.beta ** 2 - low.beta ** 2) / (4 * H), now.betaBetaDot);
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

describe('paths and γ of the user’s own', () => {
  const cubic = {
    name: 'cubic',
    alpha: (t: number) => 1 - t ** 3,
    beta: (t: number) => t ** 3,
    alphaDot: (t: number) => -3 * t * t,
    betaDot: (t: number) => 3 * t * t,
  };

  it('are taken as they are', () => {
    expect(customPath(cubic).at(0.5)).toMatchObject({
      alpha: 0.875,
      beta: 0.125,
      alphaDot: -0.75,
      betaDot: 0.75,
    });
    const gamma = customGamma({ name: 'g', gamma: (t) => t * (1 - t), gammaDot: (t) => 1 - 2 * t });
    expect(gamma.at(0.25)).toMatchObject({ gamma: 0.1875, gammaDot: 0.5 });
  });

  it.each([
    [
      () => customPath({ ...cubic, alphaDot: (t) => 3 * t * t }),
      /alpha's derivative at t = .* differences say/,
    ],
    [() => customPath({ ...cubic, beta: (t) => 2 * t ** 3 }), /beta\(1\) is 2; it must be 1/],
    [() => customPath({ ...cubic, alpha: (t) => 1 / (t - 0.43) }), /alpha\(0\) is|must be finite/],
    [
      () => customGamma({ name: 'g', gamma: (t) => 1 - t, gammaDot: () => -1 }),
      /gamma\(0\) is 1; it must be 0/,
    ],
    [
      () => customGamma({ name: 'g', gamma: (t) => t * (t - 1), gammaDot: (t) => 2 * t - 1 }),
      /must not be negative/,
    ],
    [
      () =>
        customGamma({
          name: 'g',
          gamma: (t) => Math.sqrt(t * (1 - t)),
          gammaDot: (t) => (1 - 2 * t) / (2 * Math.sqrt(t * (1 - t))),
        }),
      /give gammaGammaDot in closed form/,
    ],
  ])('%s is refused', (make, message) => expect(make).toThrow(message));
});
