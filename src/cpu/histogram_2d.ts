import type { histogram2d as contract } from '../backend/contracts/metrics.js';
import type { Reference } from './reference.js';

const { floor, fround } = Math;

/** counts[cell of the point] += 1, counts[nx·ny] += 1 outside, from 0 unless accumulate */
export const histogram2d: Reference<typeof contract> = ({ points, counts }, p) => {
  const { n, nx, ny } = p;
  const [left, right, bottom, top] = [p.left, p.right, p.bottom, p.top].map(fround);
  const [perX, perY] = [fround(nx / (right - left)), fround(ny / (top - bottom))];
  if (!p.accumulate) counts.fill(0, 0, nx * ny + 1);
  for (let i = 0; i < n; i++) {
    const x = floor(fround(fround(fround(points[2 * i]) - left) * perX));
    const y = floor(fround(fround(fround(points[2 * i + 1]) - bottom) * perY));
    const inside = x >= 0 && x < nx && y >= 0 && y < ny;
    counts[inside ? y * nx + x : nx * ny]++;
  }
};
