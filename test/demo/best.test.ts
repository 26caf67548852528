import { describe, expect, it } from 'vitest';
import { clearlyBest, type Metric } from '../../demo/src/panels/best.js';

const metric = (value: number, better: 'lower' | 'higher' = 'lower', floor = 0.05): Metric => ({
  ...{ value, interval: [value, value], floor, floorStd: 0.01, n: 1000, floorN: 1000, better },
});

describe('the best of several models', () => {
  it('is marked where its lead is more than chance', () => {
    expect(clearlyBest('sliced_w2', [metric(0.6), metric(0.06), metric(0.5)])).toBe(1);
    expect(clearlyBest('off_support', [metric(0.21), metric(0.065)])).toBe(1);
    expect(clearlyBest('label_purity', [metric(0.99, 'higher'), metric(0.7, 'higher')])).toBe(0);
    expect(clearlyBest('log_p_true', [metric(-9, 'higher', -1.7), metric(-2, 'higher', -1.7)])).toBe(1);
    expect(clearlyBest('mode_coverage', [metric(0.5, 'higher'), metric(1, 'higher')])).toBe(1);
  });

  it('is nobody where several tie, or where other seeds might have had it otherwise', () => {
    expect(
      clearlyBest('mode_coverage', [metric(1, 'higher'), metric(1, 'higher'), metric(0.8, 'higher')]),
    ).toBe(-1);
    expect(clearlyBest('off_support', [metric(0.03), metric(0.034)])).toBe(-1);
    expect(clearlyBest('sliced_w2', [metric(0.0836), metric(0.0859)])).toBe(-1);
    expect(clearlyBest('log_p_true', [metric(-2.82, 'higher', -1.7), metric(-2.76, 'higher', -1.7)])).toBe(
      -1,
    );
  });

  it('needs two that are known', () => {
    expect(clearlyBest('w2', [metric(0.3)])).toBe(-1);
    expect(clearlyBest('w2', [metric(0.3), undefined, metric(Number.NaN)])).toBe(-1);
  });
});
