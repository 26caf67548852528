/** Between a time t and the share of a sampler's steps at which the particles are there: grids need not be even. */

/** @param times [steps + 1] of a solver's table, rising; a time may stand still for some steps */
export function shareAt(times: ArrayLike<number>, t: number): number {
  const steps = times.length - 1;
  if (t >= times[steps]) return 1;
  let index = 0;
  while (index + 1 < steps && times[index + 1] <= t) index++;
  const width = times[index + 1] - times[index];
  const part = width > 0 ? Math.min(1, Math.max(0, (t - times[index]) / width)) : 0;
  return (index + part) / steps;
}

/** What lies between two states of a trajectory: the time, and the standard deviation of the noise. */
export function between(
  { times, noise }: { readonly times: ArrayLike<number>; readonly noise: ArrayLike<number> },
  fromStep: number,
  toStep: number,
  into: { dt: number; noise: number },
): void {
  let variance = 0;
  for (let step = fromStep; step < toStep; step++) variance += noise[step] ** 2;
  into.dt = Math.abs(times[toStep] - times[fromStep]);
  into.noise = Math.sqrt(variance);
}

/** The time at a share of the steps: the inverse where time moves. */
export function timeAt(times: ArrayLike<number>, share: number): number {
  const steps = times.length - 1;
  const place = Math.min(1, Math.max(0, share)) * steps;
  const index = Math.min(Math.floor(place), steps - 1);
  return times[index] + (times[index + 1] - times[index]) * (place - index);
}
