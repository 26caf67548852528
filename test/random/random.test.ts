import { describe, expect, it } from 'vitest';
import {
  cosPolynomial,
  logPolynomial,
  normalsFromBits,
  sinCosTurns,
  sinPolynomial,
  uniformFromBits,
} from '../../src/random/normal.js';
import { mulHigh, philox } from '../../src/random/philox.js';
import { CounterRandom, STREAM, seedKey } from '../../src/random/random.js';

/** Both ends of the words, each power of two and its neighbours, and both sides of √½. */
const EXTREME_WORDS = [
  ...Array.from({ length: 32 }, (_, k) => [2 ** k - 1, 2 ** k, 2 ** k + 1, 2 ** 32 - 2 ** k]).flat(),
  ...[0xb504f333, 0xb504f334, 0xffffff00, 0xfffffffe, 0xffffffff],
];

describe('Philox 4×32-10', () => {
  const words = (text: string) => text.split(' ').map((word) => Number.parseInt(word, 16));
  // The known-answer vectors of the Random123 library (Salmon et al. 2011).
  it.each([
    ['00000000 00000000 00000000 00000000', '00000000 00000000', '6627e8d5 e169c58d bc57ac4c 9b00dbd8'],
    ['ffffffff ffffffff ffffffff ffffffff', 'ffffffff ffffffff', '408f276d 41c83b0e a20bc7c6 6d5451fd'],
    ['243f6a88 85a308d3 13198a2e 03707344', 'a4093822 299f31d0', 'd16cfe09 94fdcceb 5001e420 24126ea1'],
  ])('counter %s, key %s', (counter, key, expected) => {
    const [c0, c1, c2, c3] = words(counter);
    const [k0, k1] = words(key);
    expect(philox(c0, c1, c2, c3, k0, k1)).toEqual(words(expected));
  });

  it('multiplies to 64 bits exactly', () => {
    for (let i = 0; i < 2000; i++) {
      const [a, b] = philox(i, 0, 0, 0, 1, 2);
      expect(mulHigh(a, b)).toBe(Number((BigInt(a) * BigInt(b)) >> 32n));
    }
  });
});

describe('elementary functions', () => {
  it('agree with the built-in ones to 1e-9 relative', () => {
    for (let i = 0; i < 4000; i++) {
      const u = uniformFromBits(philox(i, 0, 0, 0, 3, 4)[0]);
      expect(Math.abs(logPolynomial(u) / Math.log(u) - 1)).toBeLessThan(1e-9);
      const theta = (u - 0.5) * (Math.PI / 2);
      expect(Math.abs(sinPolynomial(theta) - Math.sin(theta))).toBeLessThan(1e-11);
      expect(Math.abs(cosPolynomial(theta) - Math.cos(theta))).toBeLessThan(1e-9);
      const turns = (u - 0.5) * 40;
      const [s, c] = sinCosTurns(turns);
      expect(Math.abs(s - Math.sin(2 * Math.PI * turns))).toBeLessThan(1e-9);
      expect(Math.abs(c - Math.cos(2 * Math.PI * turns))).toBeLessThan(1e-9);
    }
  });

  it('are finite and inside their range at the extremes of their bits', () => {
    for (const bits of [0, 1, 511, 512, 0x7fffffff, 0x80000000, 0xffffffff]) {
      const u = uniformFromBits(bits);
      expect(u).toBeGreaterThan(0);
      expect(u).toBeLessThan(1);
      // The cell's own centre: no bit of the word is lost.
      expect((u * 2 ** 32 - 0.5) % 2 ** 32).toBe(bits);
      for (const other of [0, 0x40000000, 0xffffffff]) {
        for (const value of normalsFromBits(bits, other)) expect(Math.abs(value)).toBeLessThan(6.77);
      }
    }
  });
});

describe('Box–Muller', () => {
  const radius = (bits: number) => Math.hypot(...normalsFromBits(bits, 0x12345678));

  it('has the radius of all 32 bits of a word, at both ends', () => {
    for (const bits of EXTREME_WORDS) {
      // −2 ln u without the cancellation of u near 1.
      const u = (bits + 0.5) / 2 ** 32;
      const exact = Math.sqrt(-2 * (u < 0.5 ? Math.log(u) : Math.log1p(-(2 ** 32 - bits - 0.5) / 2 ** 32)));
      expect(Math.abs(radius(bits) / exact - 1), String(bits)).toBeLessThan(1e-7);
    }
    expect(radius(0)).toBeCloseTo(Math.sqrt(2 * 33 * Math.LN2), 8);
  });

  it('cuts no tail: as many words pass 4, 5, 5.5, 6 and 6.5 as should', () => {
    // The radius falls as the word rises, so that bisection counts the words whose radius passes r.
    for (const r of [4, 5, 5.5, 6, 6.5]) {
      let [passes, fails] = [0, 2 ** 32 - 1];
      while (fails - passes > 1) {
        const middle = Math.floor((passes + fails) / 2);
        if (radius(middle) > r) passes = middle;
        else fails = middle;
      }
      expect(Math.abs(passes + 1 - 2 ** 32 * Math.exp((-r * r) / 2))).toBeLessThanOrEqual(1.5);
    }
  });

  it('turns by all 32 bits of a word', () => {
    for (const bits of EXTREME_WORDS) {
      const [x, y] = normalsFromBits(0x60000000, bits);
      const angle = (2 * Math.PI * (bits + 0.5)) / 2 ** 32;
      const r = Math.hypot(x, y);
      expect(Math.abs(x / r - Math.cos(angle)), String(bits)).toBeLessThan(1e-9);
      expect(Math.abs(y / r - Math.sin(angle)), String(bits)).toBeLessThan(1e-9);
    }
  });
});

describe('CounterRandom', () => {
  it('has the moments and the distribution function of a standard normal', () => {
    const n = 200_000;
    const random = new CounterRandom(7, STREAM.test);
    const values = Float64Array.from({ length: n }, (_, i) => random.normal(i)).sort();
    const moment = (power: number) => values.reduce((sum, value) => sum + value ** power, 0) / n;
    // Standard errors of the first four moments are √(1, 2, 15, 96)/√n.
    expect(Math.abs(moment(1))).toBeLessThan(4 / Math.sqrt(n));
    expect(Math.abs(moment(2) - 1)).toBeLessThan(4 * Math.sqrt(2 / n));
    expect(Math.abs(moment(3))).toBeLessThan(4 * Math.sqrt(15 / n));
    expect(Math.abs(moment(4) - 3)).toBeLessThan(4 * Math.sqrt(96 / n));
    // P(X < 1) and P(X < 2).
    for (const [x, p] of [
      [1, 0.8413447460685429],
      [2, 0.9772498680518208],
    ]) {
      const share = values.filter((value) => value < x).length / n;
      expect(Math.abs(share - p)).toBeLessThan(4 * Math.sqrt((p * (1 - p)) / n));
    }
  });

  it('gives independent neighbours, streams and steps', () => {
    const n = 50_000;
    const a = new CounterRandom(7, STREAM.test, 3);
    const others = [
      (i: number) => a.normal(i + 1),
      (i: number) => a.normal(i + 2),
      (() => {
        const b = new CounterRandom(7, STREAM.base, 3);
        return (i: number) => b.normal(i);
      })(),
      (() => {
        const b = new CounterRandom(7, STREAM.test, 4);
        return (i: number) => b.normal(i);
      })(),
      (() => {
        const b = new CounterRandom(8, STREAM.test, 3);
        return (i: number) => b.normal(i);
      })(),
    ];
    for (const other of others) {
      let sum = 0;
      for (let i = 0; i < n; i++) sum += a.normal(i) * other(i);
      expect(Math.abs(sum / n)).toBeLessThan(4 / Math.sqrt(n));
    }
  });

  it('has words at both ends in what the cross-check of backends looks at', () => {
    // Found by a search of the stream; see src/verify/kernels.ts.
    const random = new CounterRandom(1, STREAM.test);
    for (const element of [222_802_768, 157_202_656, 14_252_126]) {
      expect(random.bits(element)).toBeLessThan(300);
      expect(Math.hypot(random.normal(element), random.normal(element + 1))).toBeGreaterThan(5.76);
    }
    for (const element of [228_977_920, 31_342_496, 3_433_062])
      expect(random.bits(element)).toBeGreaterThan(2 ** 32 - 300);
  });

  it('does not depend on the order of the calls', () => {
    const forward = new CounterRandom(11, STREAM.test);
    const backward = new CounterRandom(11, STREAM.test);
    const up = Array.from({ length: 64 }, (_, i) => forward.normal(i));
    const down = Array.from({ length: 64 }, (_, i) => backward.normal(63 - i)).reverse();
    expect(down).toEqual(up);
  });

  it('draws integers evenly, all of them and no others', () => {
    const random = new CounterRandom(5, STREAM.test);
    const counts = new Array(7).fill(0);
    for (let i = 0; i < 70_000; i++) counts[random.integer(i, 7)]++;
    for (const count of counts) expect(Math.abs(count - 10_000)).toBeLessThan(4 * Math.sqrt(10_000));
  });

  it('takes 53-bit seeds and refuses others', () => {
    expect(seedKey(2 ** 32 + 5)).toEqual([5, 1]);
    expect(() => seedKey(-1)).toThrow(/whole number/);
    expect(() => seedKey(0.5)).toThrow(/whole number/);
  });
});
