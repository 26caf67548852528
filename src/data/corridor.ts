import { type Distribution, mixtureDistribution } from './distribution.js';
import { GaussianMixture } from './mixture.js';

interface Component {
  x: number;
  y: number;
  std: number;
  weight: number;
  label: number;
}

const BLUE = 0;
const RED = 1;
const GREEN = 2;

/** `count`² components at the cell centres of a square grid over [x0, x1] × [y0, y1], sharing a weight. */
function grid(
  count: number,
  [x0, x1]: [number, number],
  [y0, y1]: [number, number],
  std: number,
  weight: number,
  label: number,
): Component[] {
  const components: Component[] = [];
  for (let row = 0; row < count; row++) {
    for (let column = 0; column < count; column++) {
      components.push({
        x: x0 + ((column + 0.5) / count) * (x1 - x0),
        y: y0 + ((row + 0.5) / count) * (y1 - y0),
        std,
        weight: weight / count ** 2,
        label,
      });
    }
  }
  return components;
}

/** 315 components along a quadratic Bézier curve, parameters evenly spaced over [0, 1] with both ends. */
function bezier(): Component[] {
  const count = 315;
  return Array.from({ length: count }, (_, k) => {
    const t = k / (count - 1);
    const start = (1 - t) ** 2;
    const middle = 2 * t * (1 - t);
    const end = t * t;
    return {
      x: -2 * start + 5.3 * middle + end,
      y: 2 * start - 0.2 * middle - 0.5 * end,
      std: 0.012,
      weight: 0.33 / count,
      label: RED,
    };
  });
}

/** 48 components on the segment between the two blocks: the first half blue, the second green. */
function passage(): Component[] {
  const count = 48;
  return Array.from({ length: count }, (_, k) => {
    const t = k / (count - 1);
    return {
      x: 0.1 + 2 * t,
      y: 3.9 - 0.95 * t,
      std: 0.012,
      weight: 0.04 / count,
      label: k < count / 2 ? BLUE : GREEN,
    };
  });
}

/** The mixture behind {@link corridor}: 169 + 315 + 144 + 48 = 676 isotropic components in the plane. */
export function corridorMixture(): GaussianMixture {
  const components = [
    ...grid(13, [-2.2, 0.2], [3.3, 5.6], 0.09, 0.45, BLUE),
    ...bezier(),
    ...grid(12, [2.0, 3.2], [2.2, 3.4], 0.06, 0.18, GREEN),
    ...passage(),
  ];
  return new GaussianMixture({
    dim: 2,
    weights: components.map((component) => component.weight),
    means: Float64Array.from(components.flatMap((component) => [component.x, component.y])),
    variances: Float64Array.from(components, (component) => component.std ** 2),
    labels: components.map((component) => component.label),
  });
}

/** What published shares of samples off the support were counted with; 0.10 % of the mass lies below. */
export const CORRIDOR_LEVEL = -6;

/**
 * `corridor`: two blocks joined by a thin passage and a thin arc, three labels. A model that blurs it scores
 * well on moments and puts much of its mass where there is none, which is what the distribution is for.
 */
export function corridor(): Distribution {
  return { ...mixtureDistribution('corridor', corridorMixture()), supportLevel: CORRIDOR_LEVEL };
}
