import { besideRun, modelText } from './beside.js';
import { formatInteger, formatNumber, formatValue } from './format.js';
import { type Judgement, judge } from './judge.js';
import type { MetricRow, PointSet, ReportInput } from './types.js';

export interface Summary {
  /** The one sentence that counts. */
  verdict: string;
  /** What supports it, and what to beware of. Plain text, one a paragraph. */
  remarks: string[];
}

interface Judged extends Judgement {
  row: MetricRow;
}

const SEVERITY = { unknown: -1, beyond: 0, at: 0, near: 1, above: 2, far: 3 } as const;

function list(names: readonly string[]): string {
  return names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;
}

const UNHELD =
  'Compared with the points the model was trained on: no row was held out, so there is no telling how good these samples are.';

function verdict(judged: readonly Judged[], { against }: ReportInput): string {
  const copied = judged.find(({ row, level }) => row.key === 'copies' && SEVERITY[level] > 0);
  if (copied) {
    const share = formatValue(copied.row.value, 'fraction');
    return `${share} of these samples are copies of training rows, against ${formatValue(copied.row.floor, 'fraction')} of fresh points: this model repeats what it has seen.`;
  }
  if (against === 'training points') return UNHELD;
  const scored = judged.filter(({ level }) => level !== 'unknown');
  if (scored.length === 0) return 'No metric of this run can be compared with a floor.';
  const off = scored.find(
    ({ row, level }) => row.key === 'ambient_residual' && SEVERITY[level] > SEVERITY.near,
  );
  if (off)
    return `These samples lie off the plane of the data, with ${formatValue(off.row.value, 'fraction')} of the data’s energy, whatever they score within it.`;
  const at = scored.filter(({ level }) => level === 'at').length;
  const worst = Math.max(...scored.map(({ level }) => SEVERITY[level]));
  const of = `${at} of ${scored.length}`;
  if (worst === 0 && at < scored.length)
    return 'No metric here falls short of perfect samples, but some lie on the other side of what those score: see below.';
  if (at === scored.length)
    return 'By every metric here, these samples cannot be told from perfect ones of the same number.';
  if (at === 0) return 'By every metric here, these samples can be told from perfect ones.';
  const have = at === 1 ? 'metrics has' : 'metrics have';
  if (worst === SEVERITY.near)
    return `Close to perfect samples: ${of} ${have} reached what those score, and no other is far off.`;
  return `These samples are not yet perfect: only ${of} ${have} reached what perfect samples score.`;
}

/** What a network does not beat, in one sentence; '' where nothing without one was fitted. */
function againstBaselines({ metrics, run }: ReportInput): string {
  const beside = besideRun(metrics);
  if (beside.length === 0 || run.network === undefined) return '';
  const [best] = beside;
  if (best.better.length === 0)
    return beside.every(({ worse, of }) => worse.length === of)
      ? ' Every model without a network does worse by every metric.'
      : ' No model without a network does better by any metric.';
  const model = modelText(best.name);
  const of = best.better.length === best.of ? `all ${best.of}` : `${best.better.length} of ${best.of}`;
  return ` ${model[0].toUpperCase()}${model.slice(1)}, without a network, ${best.name === 'manifold-parzen' ? 'do' : 'does'} better by ${of} metrics.`;
}

/** Which metrics each of them is better by. */
function beatenBy({ metrics, run }: ReportInput): string | undefined {
  const better = besideRun(metrics).filter((one) => one.better.length > 0);
  if (better.length === 0 || run.network === undefined) return undefined;
  const parts = better.map((one) => `${one.name} by ${list(one.better.map(({ name }) => name))}`);
  return `Without a network, fitted in seconds to the same points, these do better: ${parts.join('; ')}.`;
}

function comparison({ row, text }: Judged): string {
  const bound = row.better === 'lower' ? 'floor' : 'ceiling';
  return `${row.name} is ${text} (${formatValue(row.value, row.unit)}; ${bound} ${formatValue(row.floor, row.unit)})`;
}

/** A Fréchet distance sees two moments; a run can match them with samples where no data is. */
function frechetCaveat(judged: readonly Judged[]): string | undefined {
  const frechet = judged.find(({ row }) => row.key === 'frechet');
  const support = judged.find(({ row }) => row.key === 'off_support');
  if (!frechet || !support || SEVERITY[support.level] < SEVERITY.above) return undefined;
  const close = SEVERITY[frechet.level] <= SEVERITY.near || (frechet.ratio ?? Number.POSITIVE_INFINITY) <= 3;
  if (!close || frechet.level === 'unknown') return undefined;
  const share = formatValue(support.row.value, 'fraction');
  const floor = formatValue(support.row.floor, 'fraction');
  return (
    `Beware: ${frechet.row.name} alone would call this run good (${frechet.text}), yet ${share} of the samples ` +
    `lie where there is practically no data, against ${floor} of perfect samples. It compares means and ` +
    'covariances only, and cannot see that.'
  );
}

function learning({ excess, loss }: ReportInput): string[] {
  const remarks: string[] = [];
  const final = loss.points.at(-1);
  if (final && !Number.isFinite(final.loss)) {
    remarks.push(`Training diverged: the loss at step ${formatInteger(final.step)} is not a finite number.`);
  }
  const points = excess?.points.filter((point) => Number.isFinite(point.excess)) ?? [];
  const last = points.at(-1);
  if (!excess || !last) return remarks;
  const best = points.reduce((least, point) => (point.excess < least.excess ? point : least));
  let text = `At the end the ${excess.name} is ${formatValue(last.excess, excess.unit)}`;
  if (last.excessOfMemorising !== undefined && last.excess > 0) {
    const times = last.excessOfMemorising / last.excess;
    text += `; a network that had memorised the training set would have ${formatValue(last.excessOfMemorising, excess.unit)}`;
    text += times >= 1.05 ? `, ${formatNumber(times)} times as much` : '';
    if (times < 1.5)
      text += ', so this run has learnt little beyond the training set, or has not learnt it yet';
  }
  remarks.push(`${text}.`);
  if (last.unlabelled !== undefined)
    remarks.push(
      `Asked without a label, as guidance asks as well, the network has an excess of ${formatValue(last.unlabelled, excess.unit)}.`,
    );
  if (best.excess > 0 && best !== last && last.excess > 1.1 * best.excess) {
    const rise = formatValue(last.excess / best.excess - 1, 'fraction');
    remarks.push(
      `It was least at step ${formatInteger(best.step)} (${formatValue(best.excess, excess.unit)}) and has risen by ` +
        `${rise} since: later steps moved away from the true distribution, as memorising does.`,
    );
  }
  return remarks;
}

/** Points of a set that the pictures do not show. */
export function countOutside({ points }: PointSet, { x, y }: ReportInput['bounds']): number {
  let outside = 0;
  for (let i = 0; i < points.length; i += 2) {
    // Written so that NaN counts as outside.
    const inside = points[i] >= x[0] && points[i] <= x[1] && points[i + 1] >= y[0] && points[i + 1] <= y[1];
    if (!inside) outside++;
  }
  return outside;
}

/** Says in plain language what a run shows. Every statement follows from the numbers of the input. */
export function summarise(input: ReportInput): Summary {
  const judged = input.metrics.map((row) => ({ row, ...judge(row, input.against) }));
  const remarks: string[] = [];
  const at = judged.filter(({ level }) => level === 'at');
  const short = judged
    .filter(({ level }) => SEVERITY[level] > 0)
    .sort((a, b) => SEVERITY[b.level] - SEVERITY[a.level] || (b.ratio ?? 0) - (a.ratio ?? 0));
  if (short.length > 0) {
    const rest =
      at.length > 0 ? ` Not to be told from perfect samples: ${list(at.map(({ row }) => row.name))}.` : '';
    remarks.push(`Farthest from perfect: ${short.slice(0, 3).map(comparison).join('; ')}.${rest}`);
  }
  const beaten = beatenBy(input);
  if (beaten !== undefined) remarks.push(beaten);
  remarks.push(...(input.remarks ?? []));
  const caveat = frechetCaveat(judged);
  if (caveat !== undefined) remarks.push(caveat);
  const beyond = judged.filter(({ level }) => level === 'beyond').map(({ row }) => row.name);
  if (beyond.length > 0) {
    remarks.push(
      `${list(beyond)} ${beyond.length === 1 ? 'lies' : 'lie'} on the other side of what fresh samples of the truth score. ` +
        'Samples that repeat, or that crowd where the truth is dense, do that; it is no sign of quality.',
    );
  }
  const unknown = judged.filter(({ row }) => !Number.isFinite(row.value)).map(({ row }) => row.name);
  if (unknown.length > 0) remarks.push(`Not finite, and so not comparable: ${list(unknown)}.`);
  remarks.push(...learning(input));
  const outside = countOutside(input.sets.samples, input.bounds);
  const count = input.sets.samples.points.length / 2;
  if (outside > 0) {
    const lie = outside === 1 ? 'lies' : 'lie';
    remarks.push(`${formatInteger(outside)} of ${formatInteger(count)} samples ${lie} outside the pictures.`);
  }
  const smallest = Math.min(...input.metrics.map(({ n }) => n));
  if (smallest < 1000) {
    remarks.push(
      `Some metrics rest on only ${formatInteger(smallest)} samples: their floors are high, and small differences mean nothing.`,
    );
  }
  return { verdict: `${verdict(judged, input)}${againstBaselines(input)}`, remarks };
}
