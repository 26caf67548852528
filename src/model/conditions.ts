import { badInput } from '../errors.js';
import type { RunConfig } from './run_config.js';

/** Which conditions a conditional model has been trained with. */
export interface Conditions {
  /** Labels that its network has a row for. */
  readonly classes: number;
  /** How many training points have each label; all are taken for trained where it is not known. */
  readonly labelCounts?: readonly number[] | undefined;
  /** Share of labels that training hid: without any the row that means "no label" is as it was drawn at the start. */
  readonly labelDropout: number;
}

/** Which labels a run trains. */
export const conditionsOf = ({ data, labelDropout }: RunConfig): Conditions => ({
  ...{ classes: data.classes, labelCounts: data.labelCounts, labelDropout },
});

/** Labels that are listed in a message. */
const LISTED = 12;

function trainedLabels({ classes, labelCounts, labelDropout }: Conditions): number[] {
  const all = Array.from({ length: classes }, (_, label) => label);
  return labelDropout < 1 ? all.filter((label) => labelCounts === undefined || labelCounts[label] > 0) : [];
}

function listed(labels: readonly number[]): string {
  if (labels.length === 0) return 'no label was';
  const shown = labels.slice(0, LISTED).join(', ');
  return `the labels of the data are ${shown}${labels.length > LISTED ? ', …' : ''}`;
}

/**
 * Refuses guidance, of any scale w ≠ 1 in u + w (c − u), where the network never learned u, without its labels.
 * @throws TributaryError('bad-input') saying what was trained
 */
export function checkGuidance({ classes, labelDropout }: Conditions): void {
  if (classes === 0 || labelDropout > 0) return;
  badInput(
    `guidance needs the model without labels, and labelDropout 0 never trained that: leave guidance at 1, or train with a labelDropout such as 0.1`,
  );
}

/**
 * Refuses labels that no training point has.
 * @param labels of a conditional model; its number of classes means "no label"
 * @throws TributaryError('bad-input') saying which were trained
 */
export function checkLabels(conditions: Conditions, labels: ArrayLike<number>): void {
  const { classes, labelDropout } = conditions;
  const trained = new Set(trainedLabels(conditions));
  if (labelDropout > 0) trained.add(classes);
  for (let i = 0; i < labels.length; i++) {
    if (trained.has(labels[i])) continue;
    if (labels[i] === classes)
      badInput(
        `this model was never trained without labels (labelDropout 0): give one; ${listed(trainedLabels(conditions))}`,
      );
    badInput(`label ${labels[i]} was never trained: ${listed(trainedLabels(conditions))}`);
  }
}
