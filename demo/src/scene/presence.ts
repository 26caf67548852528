/** Whether a window shows any particles. */
import type { Frame } from './overlays.js';
import type { Box } from './painter.js';
import type { Pane } from './pane.js';

/** Particles that are hardly any. */
const FEW = 3;

/**
 * Whether a pane shows more than hardly any of its particles: they are counted where they are at hand; what lies on a
 * graphics card stays there, and the data and the path say how many to expect. Where nothing is known yet, or
 * nothing is seen at all, it does.
 */
export function showsParticles(
  { runner, spread }: Pane,
  t: number,
  { center: [x, y], span }: Pick<Frame, 'center' | 'span'>,
  { width, height }: Box,
): boolean {
  const sight = runner?.sight(t);
  if (!sight || height === 0) return true;
  const up = span / 2;
  const right = (up * width) / height;
  const { from, to, fraction, count } = sight;
  const wanted = Math.min(FEW, count);
  if (!(from instanceof Float32Array && to instanceof Float32Array))
    return spread?.expects(wanted / count, t, x, y, right, up) ?? true;
  let seen = 0;
  for (let i = 0; i < 2 * count && seen < wanted; i += 2) {
    const dx = from[i] + (to[i] - from[i]) * fraction - x;
    const dy = from[i + 1] + (to[i + 1] - from[i + 1]) * fraction - y;
    if (Math.abs(dx) < right && Math.abs(dy) < up) seen++;
  }
  return seen >= wanted;
}
