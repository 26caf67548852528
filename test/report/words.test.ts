import { describe, expect, it } from 'vitest';
import { excessChart, lossChart } from '../../src/report/charts.js';
import {
  escapeHtml,
  formatDuration,
  formatNumber,
  formatValue,
  scriptJson,
} from '../../src/report/format.js';
import { judge } from '../../src/report/judge.js';
import { renderReport } from '../../src/report/render.js';
import { summarise } from '../../src/report/summary.js';
import type { MetricRow, ReportInput } from '../../src/report/types.js';
import { exampleReport } from './example.js';

describe('numbers and texts', () => {
  it.each([
    [0, '0'],
    [0.03571, '0.0357'],
    [-1.5712, '−1.57'],
    [12, '12'],
    [1234, '1234'],
    [12345.6, '12\u202f346'],
    [198146, '198\u202f146'],
    [1.23e-5, '1.2 × 10⁻⁵'],
    [-4e12, '−4.0 × 10¹²'],
    [Number.NaN, 'not a number'],
    [Number.NEGATIVE_INFINITY, '−∞'],
  ])('writes %d as %s', (value, text) => {
    expect(formatNumber(value)).toBe(text);
  });

  it('writes units, shares and durations', () => {
    expect(formatValue(-1.571, 'nats')).toBe('−1.57 nats');
    expect(formatValue(0.106, 'fraction')).toBe('10.6 %');
    expect(formatValue(0.0012, 'fraction')).toBe('0.12 %');
    expect(formatValue(1, 'fraction')).toBe('100 %');
    expect(formatValue(0, 'fraction')).toBe('0 %');
    expect(formatValue(1e-6, 'fraction')).toBe('1.0 × 10⁻⁴ %');
    expect(formatValue(Number.NaN, 'fraction')).toBe('not a number');
    expect(formatDuration(48.25)).toBe('48.3 s');
    expect(formatDuration(124.6)).toBe('2 min 5 s');
    expect(formatDuration(7830)).toBe('2 h 10 min');
  });

  it('escapes for HTML and for scripts', () => {
    expect(escapeHtml(`<a b="c" d='e'>&`)).toBe('&lt;a b=&quot;c&quot; d=&#39;e&#39;&gt;&amp;');
    const evil = '</script><!-- \u2028';
    expect(scriptJson({ evil })).not.toMatch(/[<>\u2028]/);
    expect(JSON.parse(scriptJson({ evil }))).toEqual({ evil });
  });
});

const row = (changes: Partial<MetricRow>): MetricRow => ({
  key: 'k',
  name: 'Metric',
  explanation: '',
  value: 1,
  floor: 1,
  unit: '',
  better: 'lower',
  n: 10000,
  ...changes,
});

describe('judging a metric', () => {
  it.each<[string, Partial<MetricRow>, string, string]>([
    ['the floor itself', {}, 'at', 'as perfect samples score'],
    ['inside the range', { value: 1.9, perfect: [0.4, 2] }, 'at', 'as perfect samples score'],
    ['past it', { value: 2.1, perfect: [0.4, 2] }, 'above', '2.10 × its floor'],
    ['just past it', { value: 1.15, perfect: [0.9, 1.1] }, 'near', '1.15 × its floor'],
    [
      'within two standard deviations, range unknown',
      { value: 1.9, floorStd: 0.5 },
      'at',
      'as perfect samples score',
    ],
    ['beyond them', { value: 1.9, floorStd: 0.1 }, 'near', '1.90 × its floor'],
    ['a little more, spread unknown', { value: 1.15 }, 'near', '1.15 × its floor'],
    ['five times', { value: 5 }, 'above', '5 × its floor'],
    ['a hundred times', { value: 0.1, floor: 0.001, unit: 'fraction' }, 'far', '100 × its floor'],
    ['a floor of zero', { value: 0.1, floor: 0, unit: 'fraction' }, 'above', '10 points above its floor'],
    ['the other side', { value: 0.3, perfect: [0.4, 2] }, 'beyond', 'below what perfect samples score'],
    [
      'the other side of a ceiling',
      { value: 1.5, perfect: [0.9, 1.1], better: 'higher', unit: 'nats' },
      'beyond',
      'above what perfect samples score',
    ],
    [
      'a share that should be high',
      { value: 0.9, floor: 0.99, unit: 'fraction', better: 'higher' },
      'above',
      '10.0 × the shortfall of perfect samples',
    ],
    [
      'a ceiling of one',
      { value: 0.5, floor: 1, unit: 'fraction', better: 'higher' },
      'far',
      '50 points below its ceiling',
    ],
    [
      'a log-likelihood',
      { value: -2.4, floor: -1.5, unit: 'nats', better: 'higher' },
      'far',
      '0.900 nats below its ceiling',
    ],
    [
      'a log-likelihood that is right',
      { value: -1.5, floor: -1.5, unit: 'nats', better: 'higher' },
      'at',
      'as perfect samples score',
    ],
    ['not a number', { value: Number.NaN }, 'unknown', 'cannot be compared'],
    ['an infinite value', { value: Number.POSITIVE_INFINITY }, 'unknown', 'cannot be compared'],
  ])('%s', (_, changes, level, text) => {
    expect(judge(row(changes))).toMatchObject({ level, text });
  });

  it('says nothing of perfection where no row was held out, but of copies', () => {
    expect(judge(row({ value: 1 }), 'training points')).toMatchObject({ level: 'unknown' });
    const copies = row({ value: 1, floor: 0.01, perfect: [0, 0.02], unit: 'fraction' });
    expect(judge(copies, 'training points')).toMatchObject({ level: 'far', text: '100 × its floor' });
    expect(judge({ ...copies, value: 0.015 }, 'training points').level).toBe('at');
  });

  it('compares the training set in the same way', () => {
    expect(judge(row({ value: 2, training: 3 }))).toMatchObject({ ratio: 2, trainingRatio: 3 });
    expect(judge(row({ value: 2 }))).not.toHaveProperty('trainingRatio');
  });
});

describe('the summary', () => {
  const said = (change: (input: ReportInput) => void) => {
    const input = exampleReport();
    change(input);
    const { verdict, remarks } = summarise(input);
    return [verdict, ...remarks].join('\n');
  };

  it('warns of a good Fréchet distance with samples off the support, and only then', () => {
    const text = said(() => {});
    expect(text).toContain('only 1 of 6 metrics has reached what perfect samples score');
    expect(text).toContain(
      'Fréchet distance alone would call this run good (1.84 × its floor), yet 10.6 % of the samples',
    );
    const metric = (input: ReportInput, key: string) => input.metrics.find((m) => m.key === key)!;
    expect(said((input) => Object.assign(metric(input, 'off_support'), { value: 0.0012 }))).not.toContain(
      'Beware',
    );
    expect(said((input) => Object.assign(metric(input, 'frechet'), { value: 3 }))).not.toContain('Beware');
  });

  it('says when nothing is wrong, and when everything is', () => {
    const setAll = (value: (m: MetricRow) => number) => (input: ReportInput) => {
      input.metrics = input.metrics.map((m) => ({ ...m, value: value(m) }));
    };
    expect(said(setAll((m) => m.floor))).toContain('cannot be told from perfect ones');
    const awful = said(setAll((m) => (m.better === 'lower' ? 50 * m.floor : m.floor - 0.5)));
    expect(awful).toContain('By every metric here, these samples can be told from perfect ones');
    expect(said(setAll(() => Number.NaN))).toContain('No metric of this run can be compared');
    expect(said(setAll((m) => (m.key === 'sliced_w2' ? 0.001 : m.floor)))).toContain(
      'Sliced W2 lies on the other side of what fresh samples of the truth score',
    );
    expect(said(setAll((m) => (m.key === 'sliced_w2' ? 0.001 : m.floor)))).not.toContain('better than');
  });

  it('gives no verdict of perfection where samples are compared with what was learnt, and names copies', () => {
    const held = (change: (input: ReportInput) => void) =>
      said((input) => {
        input.metrics = input.metrics.map((m) => ({ ...m, value: m.floor }));
        change(input);
      });
    expect(held((input) => Object.assign(input, { against: 'training points' }))).toContain(
      'no row was held out',
    );
    expect(held((input) => Object.assign(input, { against: 'training points' }))).not.toContain(
      'cannot be told',
    );
    const copies = { ...exampleReport().metrics[3], key: 'copies', name: 'Copies', value: 1, floor: 0.01 };
    expect(held((input) => Object.assign(input, { metrics: [...input.metrics, copies] }))).toContain(
      '100 % of these samples are copies of training rows, against 1 % of fresh points',
    );
  });

  it('says of a lifted run that its samples are off the plane, however good they are within', () => {
    const text = said((input) => {
      const off = {
        ...input.metrics[3],
        key: 'ambient_residual',
        name: 'Off the plane',
        value: 0.8,
        floor: 0,
      };
      input.metrics = [...input.metrics.map((m) => ({ ...m, value: m.floor })), off];
    });
    expect(text).toContain('These samples lie off the plane of the data, with 80 % of the data’s energy');
  });

  it('reads the excess loss', () => {
    expect(said(() => {})).toContain('It was least at step 2800 (0.0474) and has risen by 26.4 %');
    const flat = [100, 200].map((step) => ({ step, excess: 0.3, excessOfMemorising: 0.31 }));
    const text = said((input) => Object.assign(input.excess!, { points: flat }));
    expect(text).toContain('so this run has learnt little beyond the training set');
    expect(text).not.toContain('has risen');
    expect(said((input) => delete input.excess)).not.toContain('excess');
  });

  it('tells of divergence, small samples and points out of the frame', () => {
    const diverged = said((input) => Object.assign(input.loss, { points: [{ step: 12, loss: Number.NaN }] }));
    expect(diverged).toContain('Training diverged: the loss at step 12 is not a finite number');
    expect(said((input) => Object.assign(input.metrics[0], { n: 200 }))).toContain(
      'rest on only 200 samples',
    );
    const outside = said((input) => input.sets.samples.points.set([99, 0, Number.NaN, 0]));
    expect(outside).toContain('2 of 10\u202f000 samples lie outside the pictures');
  });
});

describe('charts', () => {
  it('keeps spikes and both ends of a long curve', () => {
    const points = Array.from({ length: 100_000 }, (_, i) => ({
      step: i + 1,
      loss: i === 54_321 ? 900 : 1 + (i % 7),
    }));
    const chart = lossChart({ name: 'loss', unit: '', points });
    expect(chart.steps.length).toBeLessThan(2000);
    expect([chart.steps[0], chart.steps.at(-1)]).toEqual([1, 100_000]);
    expect(Math.max(...chart.series[0].values.map(Number))).toBe(900);
    expect(chart.series[1].values.at(-1)).toBeCloseTo(4, 1);
  });

  it('uses a logarithmic axis only for positive curves, and says what it hides', () => {
    const curve = (values: number[]) => ({
      name: 'x',
      unit: '',
      points: values.map((loss, step) => ({ step, loss })),
    });
    expect(lossChart(curve([1, 2, 3])).log).toBe(true);
    expect(lossChart(curve([-1, -2, -3])).log).toBe(false);
    const noisy = lossChart(curve([1, 2, 3, 4, 5, 6, 7, 8, 9, -1]));
    expect(noisy.note).toContain('1 of 10 values are ≤ 0 and not drawn');
    expect(noisy.series[0].values.at(-1)).toBeNull();
    expect(lossChart(curve([1, Number.NaN, Number.POSITIVE_INFINITY])).series[0].values).toEqual([
      1,
      null,
      null,
    ]);
    const excess = excessChart({ name: 'e', unit: 'nats', points: [{ step: 1, excess: 1 }] });
    expect(excess.series).toHaveLength(1);
    expect(excess.axis).toBe('e (nats)');
  });
});

describe('renderReport', () => {
  it('gives the same text for the same input, and loads nothing', () => {
    const html = renderReport(exampleReport());
    expect(html).toBe(renderReport(exampleReport()));
    expect(html).not.toMatch(/(?:src|href)="(?!data:)/);
    expect(html.length).toBeLessThan(1_500_000);
    expect(html).toContain('Leon Sorokin');
  });

  it('manages without what is optional', () => {
    const { trajectory, excess, labelNames, ...input } = exampleReport();
    const none = { points: new Float64Array(0) };
    const html = renderReport({
      ...input,
      sets: { samples: none, truth: none, training: none },
      loss: { ...input.loss, points: [] },
      metrics: [],
    });
    expect([trajectory?.length, excess?.points.length, labelNames?.length]).toEqual([5, 60, 3]);
    expect(html).not.toContain('From noise to data');
    expect(html).not.toContain('nothing honest does better');
    expect(html).not.toContain('<script');
    expect(html).not.toContain('undefined');
    expect(html).not.toContain('NaN');
  });

  it('shows no truth where nothing but points is known, and says so', () => {
    const input = exampleReport();
    const html = renderReport({
      ...input,
      against: 'training points',
      sets: { samples: input.sets.samples, training: input.sets.training },
    });
    expect(html).not.toContain('fresh from the data distribution');
    expect(html).toContain('Nothing but these points is known of the truth');
    expect(html).toContain('a copy of these would score best');
  });

  it('refuses sets and bounds that make no picture', () => {
    const input = exampleReport();
    const refused = (change: Partial<ReportInput>) => expect(() => renderReport({ ...input, ...change }));
    const odd = { ...input.sets, truth: { points: new Float64Array(3) } };
    refused({ sets: odd }).toThrow('the truth points of a report are 3 numbers, not pairs');
    const labels = { ...input.sets, truth: { points: new Float64Array(4), labels: new Uint32Array(1) } };
    refused({ sets: labels }).toThrow('have 1 labels for 2 points');
    refused({ bounds: { x: [1, 1], y: [0, 1] } }).toThrow('the bounds of a report run from 1 to 1');
    refused({ bounds: { x: [0, Number.NaN], y: [0, 1] } }).toThrow('expected finite numbers');
  });
});
